import type { ScalarKind } from './catalog.js';
import type { Placeholder } from './placeholder.js';

export type Literal = string | number | boolean | Date | null;
export type Operand = { readonly literal: Literal } | { readonly placeholder: Placeholder };

/**
 * A parsed condition. The in-memory judgement (`matchCondition.ts`) and the Mongo filter (`filterCondition.ts`) are
 * both made from this one tree, so they cannot read a rule differently. `$ne`, `$nin` and `$exists: false` are a
 * `not` around their opposite, as MongoDB defines them.
 */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'exists'; readonly path: string }
  | {
      readonly kind: 'compare';
      readonly path: string;
      readonly type: ScalarKind;
      readonly operator: '$eq' | '$gt' | '$gte' | '$lt' | '$lte';
      readonly operand: Operand;
    }
  | {
      readonly kind: 'in';
      readonly path: string;
      readonly type: ScalarKind;
      readonly operands: readonly Operand[] | Placeholder;
    };
