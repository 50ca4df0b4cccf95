import type { Session } from '../../models/session.js';
import type { User } from '../../models/user.js';
import { reaches } from '../../policies/requirement.js';
import { resolveRoles } from '../../policies/roles.js';
import type { Deps } from '../deps.js';
import { rolesHeld } from '../sessions/principal.js';
import { highestAcr } from './levels.js';

type DemandDeps = Pick<Deps, 'clock' | 'config' | 'policy'>;

/** The level that a sign-in of an account must reach: by the installation, its roles, and the clients it is for. */
export function demandedAcr(
  { clock, config, policy }: DemandDeps,
  user: Pick<User, 'roleAssignments'>,
  clientIds: readonly string[] = [],
): string {
  const { requiredAcr, demands } = config.factors;
  if (demands.length === 0) return requiredAcr;
  const held = resolveRoles(policy.current().roles, rolesHeld(user, clock())).map(({ name }) => name);
  const applying = demands.filter(
    ({ role, client }) =>
      (role !== undefined && held.includes(role)) || (client !== undefined && clientIds.includes(client)),
  );
  return highestAcr([requiredAcr, ...applying.map(({ acr }) => acr)]);
}

/** Whether a session is strong enough for the tokens of a client, by whichever way they are asked for. */
export function reachesDemanded(
  deps: DemandDeps,
  user: Pick<User, 'roleAssignments'>,
  session: Pick<Session, 'acr'>,
  clientId: string,
): boolean {
  return reaches(session.acr, demandedAcr(deps, user, [clientId]));
}

/** The level that an account must stay able to reach: for every app that its owner uses as well. */
export async function acrToKeep(deps: DemandDeps & Pick<Deps, 'models'>, user: User): Promise<string> {
  const consents = await deps.models.consents.find({ userId: user._id }).lean();
  return demandedAcr(
    deps,
    user,
    consents.map(({ clientId }) => clientId),
  );
}
