import type { Catalog } from './catalog.js';
import type { Conditions, Requirement, Rule } from './rule.js';

/** Which part of the effective right decided: user ∩ scope ∩ client ceiling ∩ actor. */
export type Leg = 'user' | 'scope' | 'client' | 'actor';

export interface Decision {
  readonly allowed: boolean;
  readonly code: 'ALLOWED' | 'FORBIDDEN' | 'STEP_UP_REQUIRED';
  /** The leg that made the decision; for an allow, `user`. */
  readonly leg: Leg;
  /** The rule that made it; null where no rule speaks. */
  readonly ruleId: string | null;
  readonly policyVersion: number;
  /** What would lift a refusal: "missing scope users:read", "needs acr aal2". */
  readonly remedy: string | null;
  /** For STEP_UP_REQUIRED: what the session must reach (RFC 9470 §3). */
  readonly requirement: Requirement | null;
}

/** How one rule of the deciding leg stands to the object and the session. */
export interface RuleJudgement {
  readonly ruleId: string;
  readonly effect: 'allow' | 'deny';
  /** Whether it counts: its conditions hold and what it requires is met (an allow) or is not met (a deny). */
  readonly counts: boolean;
  /** The conditions as the rule states them. */
  readonly conditions: Conditions | null;
  /** The part of the conditions that does not hold; null where all hold. */
  readonly failing: Conditions | null;
  /** What the rule requires of the session, where the session does not reach it. */
  readonly unmet: Requirement | null;
}

/** Why `decide` answers what it answers. */
export interface Explanation {
  readonly decision: Decision;
  /** What was decisive: the right that was asked for, or the sight of the object (`read` of its `id`). */
  readonly decidedBy: 'right' | 'sight';
  /** Every rule of the deciding leg that speaks of the question, denies first. */
  readonly rules: readonly RuleJudgement[];
  /** What `decide` would answer if the named rule did not exist; null where no rule is named. */
  readonly without: Decision | null;
}

/** What is known of a right before there is an object: the rules that may allow it, by leg. */
export interface Outlook {
  readonly outcome: 'always' | 'never' | 'conditional';
  readonly rules: readonly {
    readonly leg: Leg;
    readonly ruleId: string;
    readonly rule: Rule;
  }[];
}

/**
 * A principal's rights, ready to answer. The guard, the list filter, the input guard and the explanation all
 * go through this one object, which is compiled from the same rules.
 * Objects are stored documents (lean); field names are GraphQL field names.
 */
export interface Access {
  /** The same rights, asked without being recorded; absent where nothing is. For questions that are no use of a right. */
  readonly unwatched?: Access;
  readonly policyVersion: number;
  readonly catalog: Catalog;
  /**
   * The only judge. Nothing but `create` may be done to an object whose `id` may not be read.
   * `object` null: one that does not exist yet or is unknown. Conditional allows do not match it, conditional denies do.
   */
  decide(action: string, subject: string, object: object | null, field: string): Decision;
  /** The decision with its reasons: costs more than `decide`, and never answers differently. */
  explain(action: string, subject: string, object: object | null, field: string): Explanation;
  outlook(action: string, subject: string, field: string): Outlook;
  /**
   * True if some object could exist on which the action is allowed, after a step-up at most: the cheap check before
   * loading. Without a field: any field, or the act as a whole.
   */
  mayEver(action: string, subject: string, field?: string): boolean;
  /**
   * The Mongo query (over stored paths) of exactly the objects on which `decide` allows. `field` defaults to `id`:
   * an object is visible when its id may be read. Matches nothing where nothing is allowed.
   */
  filter(action: string, subject: string, field?: string): Record<string, unknown>;
  /**
   * Of the rights that these rules give, the first that this access does not have in full, or null: what somebody may
   * hand on. A conditional right is had only by a right without conditions or with the same.
   */
  firstUncovered(rules: readonly Rule[]): Rule | null;
  /**
   * A write of `fields`: each must be allowed on the object before and on the object after (`before` null: create).
   * Returns the refusals by field, empty when the write may go ahead.
   */
  refusedFields(
    action: string,
    subject: string,
    before: object | null,
    after: object,
    fields: readonly string[],
  ): ReadonlyMap<string, Decision>;
}
