import type { Doc, Value } from '../bson/value.js';

export type RangeOperator = '$lt' | '$lte' | '$gt' | '$gte';

/** A test of one value at the end of a path. */
export type Predicate =
  | { readonly op: '$eq'; readonly value: Value }
  | { readonly op: RangeOperator; readonly value: Value }
  | { readonly op: '$in'; readonly values: readonly Value[]; readonly patterns: readonly RegExp[] }
  | { readonly op: '$exists' }
  | { readonly op: '$type'; readonly codes: ReadonlySet<number> }
  | { readonly op: '$regex'; readonly regex: RegExp; readonly pattern: string; readonly options: string }
  | { readonly op: '$mod'; readonly divisor: bigint; readonly remainder: bigint }
  | { readonly op: '$size'; readonly size: number }
  | { readonly op: '$elemMatch'; readonly element: QueryNode; readonly ofValues: boolean };

/** A parsed filter. `leaf` with an empty path tests the value itself (inside $elemMatch of values). */
export type QueryNode =
  | { readonly kind: 'and' | 'or' | 'nor'; readonly nodes: readonly QueryNode[] }
  | { readonly kind: 'not'; readonly node: QueryNode }
  | {
      readonly kind: 'leaf';
      readonly path: string;
      readonly parts: readonly string[];
      readonly test: Predicate;
    }
  | { readonly kind: 'expression'; readonly evaluate: (document: Doc) => boolean };

export const EVERYTHING: QueryNode = { kind: 'and', nodes: [] };
