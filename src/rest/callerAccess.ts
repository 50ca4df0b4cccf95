import type { Deps } from '../identity/deps.js';
import { createAccess } from '../policies/access.js';
import type { Catalog } from '../policies/catalog.js';
import type { Access } from '../policies/decision.js';
import type { Principal } from '../policies/principal.js';

/** What a caller may do under the policy in force: never more than the client of the token may ask for. */
export async function callerAccess(deps: Deps, catalog: Catalog, principal: Principal): Promise<Access> {
  const policy = deps.policy.current();
  if (!principal.token) return createAccess(policy, catalog, principal, deps.clock());
  const client = await deps.models.clients.findOne({ _id: principal.token.clientId }).select('scopes').lean();
  return createAccess(policy, catalog, principal, deps.clock(), { clientScopes: client?.scopes ?? [] });
}
