import { LRUCache } from 'lru-cache';
import type { Catalog } from './catalog.js';
import type { CompiledRule } from './compiledRule.js';
import { type CompiledLeg, compileLeg } from './leg.js';
import { type FullPlan, implies, joinLegs } from './plan.js';
import type { Principal } from './principal.js';
import { remedyForScope } from './remedy.js';
import { resolveRoles } from './roles.js';
import type { Policy } from './rule.js';

/** A right compiled for everybody with the same roles, scopes and ceiling. Knows no principal. */
export interface CompiledRights {
  readonly legs: readonly CompiledLeg[];
  plan(action: string, subject: string, field: string): FullPlan;
  /** The plan as it would be if the rule did not exist; not kept. */
  planWithout(rule: CompiledRule, action: string, subject: string, field: string): FullPlan;
}

/** How many combinations of roles, scopes and ceiling are kept compiled for one policy version. */
const KEPT = 256;

interface Cache {
  readonly rights: LRUCache<string, CompiledRights>;
  readonly legs: LRUCache<string, CompiledLeg>;
}
const caches = new WeakMap<Policy, WeakMap<Catalog, Cache>>();

/**
 * The rights of a principal: user ∩ token scopes ∩ client ceiling ∩ actors. A principal without a token (a session
 * cookie) has no scope leg; `clientScopes` null leaves out the ceiling.
 */
export function compileRights(
  policy: Policy,
  catalog: Catalog,
  principal: Principal,
  clientScopes: readonly string[] | null,
): CompiledRights {
  const cache = cacheOf(policy, catalog);
  const key = keyOf(principal, clientScopes);
  const known = cache.rights.get(key);
  if (known !== undefined) return known;
  const rights = joinRights(compileLegs(policy, catalog, cache, principal, clientScopes));
  cache.rights.set(key, rights);
  return rights;
}

function cacheOf(policy: Policy, catalog: Catalog): Cache {
  const ofPolicy = caches.get(policy) ?? new WeakMap<Catalog, Cache>();
  caches.set(policy, ofPolicy);
  const cache = ofPolicy.get(catalog) ?? {
    rights: new LRUCache<string, CompiledRights>({ max: KEPT }),
    legs: new LRUCache<string, CompiledLeg>({ max: 2 * KEPT }),
  };
  ofPolicy.set(catalog, cache);
  return cache;
}

/** Names hold no control characters, so these separators cannot be forged. */
function keyOf(principal: Principal, clientScopes: readonly string[] | null): string {
  let key = principal.roles.join('\u0001');
  if (principal.token !== null) key += `\u0002${principal.token.scopes.join('\u0001')}`;
  if (clientScopes !== null) key += `\u0003${clientScopes.join('\u0001')}`;
  return principal.actor === null ? key : `${key}\u0004${keyOf(principal.actor, null)}`;
}

function compileLegs(
  policy: Policy,
  catalog: Catalog,
  cache: Cache,
  principal: Principal,
  clientScopes: readonly string[] | null,
): CompiledLeg[] {
  const once = (key: string, compile: () => CompiledLeg): CompiledLeg => {
    const leg = cache.legs.get(key) ?? compile();
    cache.legs.set(key, leg);
    return leg;
  };
  const byRoles = (leg: 'user' | 'actor', depth: number, roles: readonly string[]) =>
    once(`${leg}${depth}\u0001${roles.join('\u0001')}`, () =>
      compileLeg({
        catalog,
        leg,
        depth,
        policyVersion: policy.version,
        holders: resolveRoles(policy.roles, roles),
        remedyFor: (action, subject, field) =>
          `${leg === 'user' ? 'needs' : 'whoever acts needs'} a role that may ${action} ${subject}.${field}`,
      }),
    );
  const byScopes = (leg: 'scope' | 'client', scopes: readonly string[]) =>
    once(`${leg}\u0001${scopes.join('\u0001')}`, () =>
      compileLeg({
        catalog,
        leg,
        depth: 0,
        policyVersion: policy.version,
        holders: [...new Set(scopes)].flatMap((name) => policy.scopes.get(name) ?? []),
        remedyFor: (action, subject, field) => remedyForScope(policy, leg, action, subject, field),
      }),
    );
  const legs = [byRoles('user', 0, principal.roles)];
  if (principal.token !== null) legs.push(byScopes('scope', principal.token.scopes));
  if (clientScopes !== null) legs.push(byScopes('client', clientScopes));
  let depth = 1;
  for (let { actor } = principal; actor !== null; actor = actor.actor) {
    legs.push(byRoles('actor', depth, actor.roles));
    depth += 1;
  }
  return legs;
}

function joinRights(legs: readonly CompiledLeg[]): CompiledRights {
  const plans = new Map<string, Map<string, Map<string, FullPlan>>>();
  const right = (action: string, subject: string, field: string, without?: CompiledRule) =>
    joinLegs(legs.map((leg) => leg.plan(action, subject, field, without)));
  const make = (action: string, subject: string, field: string, without?: CompiledRule): FullPlan => {
    const own = right(action, subject, field, without);
    if (action === 'create' || (action === 'read' && field === 'id')) return { right: own, sight: null };
    const sight = right('read', subject, 'id', without);
    return { right: own, sight: implies(own, sight) ? null : sight };
  };
  // Fields of one object are asked for in a row: the map of the last question is mostly that of this one.
  let last = { action: '', subject: '', fields: new Map<string, FullPlan>() };
  const fieldsOf = (action: string, subject: string): Map<string, FullPlan> => {
    if (last.action === action && last.subject === subject) return last.fields;
    const ofAction = plans.get(action) ?? new Map<string, Map<string, FullPlan>>();
    const fields = ofAction.get(subject) ?? new Map<string, FullPlan>();
    plans.set(action, ofAction.set(subject, fields));
    last = { action, subject, fields };
    return fields;
  };
  return {
    legs,
    plan(action, subject, field) {
      const fields = fieldsOf(action, subject);
      const known = fields.get(field);
      if (known !== undefined) return known;
      const plan = make(action, subject, field);
      fields.set(field, plan);
      return plan;
    },
    planWithout: (rule, action, subject, field) => make(action, subject, field, rule),
  };
}
