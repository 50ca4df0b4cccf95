import type { Catalog } from './catalog.js';
import type { Requirement, Rule } from './rule.js';

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

/**
 * A principal's rights, ready to answer. The guard, the list filter, the input guard and the explanation all
 * go through this one object, which is compiled from the same rules.
 * Objects are stored documents (lean); field names are GraphQL field names.
 */
export interface Access {
  readonly policyVersion: number;
  readonly catalog: Catalog;
  /**
   * The only judge. Nothing but `create` may be done to an object whose `id` may not be read.
   * `object` null: one that does not exist yet or is unknown. Conditional allows do not match it, conditional denies do.
   */
  decide(action: string, subject: string, object: object | null, field: string): Decision;
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
