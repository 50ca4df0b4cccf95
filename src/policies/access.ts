import { type Catalog, WHOLE } from './catalog.js';
import { type CompiledRights, compileRights } from './compile.js';
import { firstUncovered } from './covers.js';
import type { Access, Decision, Explanation, Outlook } from './decision.js';
import { explain } from './explain.js';
import { outlookOf } from './explainOutlook.js';
import { allOf, toQuery } from './filterCondition.js';
import type { Facts } from './placeholder.js';
import { type FullPlan, filterOfPlan, judge, judgeFully } from './plan.js';
import type { Principal } from './principal.js';
import type { Policy, Rule } from './rule.js';

export interface AccessOptions {
  /** The scopes that the token's client may ask for: the ceiling of what any of its tokens can do. */
  readonly clientScopes?: readonly string[];
}

/**
 * The principal's rights under one policy version, for one request: `now` is its time. Compiling is cached for
 * everybody with the same roles, scopes and ceiling, so that this costs a lookup.
 */
export function createAccess(
  policy: Policy,
  catalog: Catalog,
  principal: Principal,
  now: Date,
  options: AccessOptions = {},
): Access {
  const rights = compileRights(policy, catalog, principal, options.clientScopes ?? null);
  return new CompiledAccess(policy.version, catalog, rights, factsOf(principal, now));
}

function factsOf(principal: Principal, now: Date): Facts[] {
  const facts: Facts[] = [{ principal, now }];
  for (let { actor } = principal; actor !== null; actor = actor.actor) facts.push({ principal: actor, now });
  return facts;
}

class CompiledAccess implements Access {
  readonly policyVersion: number;
  readonly catalog: Catalog;
  readonly #rights: CompiledRights;
  readonly #facts: readonly Facts[];

  constructor(policyVersion: number, catalog: Catalog, rights: CompiledRights, facts: readonly Facts[]) {
    this.policyVersion = policyVersion;
    this.catalog = catalog;
    this.#rights = rights;
    this.#facts = facts;
  }

  decide(action: string, subject: string, object: object | null, field: string): Decision {
    return judgeFully(this.#rights.plan(action, subject, field), action, object, this.#facts);
  }

  explain(action: string, subject: string, object: object | null, field: string): Explanation {
    return explain({ rights: this.#rights, facts: this.#facts, action, subject, object, field });
  }

  outlook(action: string, subject: string, field: string): Outlook {
    return outlookOf(this.#rights.plan(action, subject, field));
  }

  mayEver(action: string, subject: string, field?: string): boolean {
    if (field !== undefined) return isPossible(this.#rights.plan(action, subject, field));
    const fields = this.catalog.subjects.get(subject)?.fields.keys() ?? [];
    return [WHOLE, ...fields].some((name) => isPossible(this.#rights.plan(action, subject, name)));
  }

  filter(action: string, subject: string, field = 'id'): Record<string, unknown> {
    const { right, sight } = this.#rights.plan(action, subject, field);
    return toQuery(
      allOf([filterOfPlan(right, this.#facts), sight === null ? true : filterOfPlan(sight, this.#facts)]),
    );
  }

  firstUncovered(rules: readonly Rule[]): Rule | null {
    return firstUncovered(this.#rights.legs, this.catalog, rules);
  }

  refusedFields(
    action: string,
    subject: string,
    before: object | null,
    after: object,
    fields: readonly string[],
  ): ReadonlyMap<string, Decision> {
    const refused = new Map<string, Decision>();
    for (const field of fields) {
      const decision = this.#decideWrite(action, subject, before, after, field);
      if (!decision.allowed) refused.set(field, decision);
    }
    return refused;
  }

  /** The object after the change need not be in sight any more, but inside what the right itself allows. */
  #decideWrite(
    action: string,
    subject: string,
    before: object | null,
    after: object,
    field: string,
  ): Decision {
    const first = before === null ? null : this.decide(action, subject, before, field);
    if (first !== null && !first.allowed) return first;
    return judge(this.#rights.plan(action, subject, field).right, after, this.#facts);
  }
}

function isPossible({ right, sight }: FullPlan): boolean {
  return (right.settled?.allowed ?? true) && (sight?.settled?.allowed ?? true);
}
