import { Ability } from '@casl/ability';
import { type Catalog, WHOLE } from './catalog.js';
import { CompiledRule } from './compiledRule.js';
import type { Decision, Leg } from './decision.js';
import type { Rule } from './rule.js';

/** A role or a scope: whatever holds rules under a name. */
export interface Holder {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** The rules of one leg that speak of one (action, subject, field), refusals apart, and what is settled already. */
export interface LegPlan {
  readonly leg: CompiledLeg;
  readonly denies: readonly CompiledRule[];
  readonly allows: readonly CompiledRule[];
  /** `conditional`: it depends on the object, the session or the time. */
  readonly outcome: 'always' | 'never' | 'conditional';
  /** The refusal where no allow matches, or the deny that settles it. */
  readonly refusal: Decision;
}

export interface CompiledLeg {
  readonly leg: Leg;
  /** Whose facts its placeholders take: 0 the principal, 1 its actor, 2 the actor's actor. */
  readonly depth: number;
  /** `without`: a rule that is left out, to see what would stand without it. */
  plan(action: string, subject: string, field: string, without?: CompiledRule): LegPlan;
}

/** Whose name no rule can hold: CASL's own wildcards for action and subject are never what a policy means. */
const NO_WILDCARD = '\u0000';

interface RawRule {
  action: string[];
  subject: string;
  fields: string[];
  inverted: boolean;
}

/**
 * One leg's rules in CASL's index. CASL is asked only for the rules of one action, subject and field, all three
 * always given, so that none of its readings of a missing one (an empty list of fields, a check without a field, a
 * query that forgets fields) can let anything through.
 */
export function compileLeg(options: {
  catalog: Catalog;
  leg: Leg;
  depth: number;
  policyVersion: number;
  holders: readonly Holder[];
  /** What would lift a refusal for want of a rule. */
  remedyFor: (action: string, subject: string, field: string) => string | null;
}): CompiledLeg {
  const { catalog, leg, depth, policyVersion, holders, remedyFor } = options;
  const compiled = new Map<object, CompiledRule>();
  const raw = holders.flatMap((holder) =>
    holder.rules
      .filter((rule) => rule.fields.length > 0)
      .map((rule) => {
        const entry: RawRule = {
          // CASL only reads them, and copies of thousands would cost more than its index.
          action: rule.actions as string[],
          subject: rule.subject,
          fields: rule.fields as string[],
          inverted: rule.effect === 'deny',
        };
        compiled.set(entry, new CompiledRule(catalog, leg, policyVersion, holder.name, rule));
        return entry;
      }),
  );
  const ability = new Ability<[string, string]>(raw, {
    fieldMatcher: (fields) => (field) => fields.some((name) => name === field || name === WHOLE),
    anyAction: NO_WILDCARD,
    anySubjectType: NO_WILDCARD,
  });
  const self: CompiledLeg = {
    leg,
    depth,
    plan(action, subject, field, without) {
      // To CASL an empty name is no name, and a check without a field passes if any field does.
      const rules = field === '' ? [] : ability.rulesFor(action, subject, field);
      const relevant = rules
        .map((rule) => compiled.get(rule.origin))
        .filter((rule) => rule !== undefined)
        .filter((rule) => without === undefined || !rule.isSameAs(without));
      const denies = relevant.filter((rule) => !rule.isAllow);
      const allows = relevant.filter((rule) => rule.isAllow).reverse();
      const settled = denies.find((rule) => rule.isAbsolute);
      const refusal = settled?.refused ?? {
        allowed: false,
        code: 'FORBIDDEN',
        leg,
        ruleId: null,
        policyVersion,
        remedy: remedyFor(action, subject, field),
        requirement: null,
      };
      return { leg: self, denies, allows, refusal, outcome: outcomeOf(denies, allows) };
    },
  };
  return self;
}

function outcomeOf(denies: readonly CompiledRule[], allows: readonly CompiledRule[]): LegPlan['outcome'] {
  if (allows.length === 0 || denies.some((rule) => rule.isAbsolute)) return 'never';
  return denies.length === 0 && allows.some((rule) => rule.isAbsolute) ? 'always' : 'conditional';
}
