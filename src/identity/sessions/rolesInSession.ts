import type { Principal } from '../../policies/principal.js';
import { reaches } from '../../policies/requirement.js';
import { resolveRoles } from '../../policies/roles.js';
import type { Deps } from '../deps.js';

type RoleDeps = Pick<Deps, 'config' | 'policy'>;

/**
 * The principal without the roles that demand more than its session reaches (`factors.demands`): whoever is granted one
 * while they are signed in, or for a time that begins then, holds it from the sign-in or step-up on that reaches it.
 */
export function withinSession(deps: RoleDeps, principal: Principal): Principal {
  const { session } = principal;
  const demands = deps.config.factors.demands.filter(({ role }) => role !== undefined);
  if (demands.length === 0 || session === null) return principal;
  const known = deps.policy.current().roles;
  const roles = principal.roles.filter((held) => {
    const inherited = resolveRoles(known, [held]).map(({ name }) => name);
    return demands.every(
      ({ role, acr }) => role === undefined || !inherited.includes(role) || reaches(session.acr, acr),
    );
  });
  return { ...principal, roles };
}
