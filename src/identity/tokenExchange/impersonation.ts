import { AppError, isAppError } from '../../errors.js';
import type { Client } from '../../models/client.js';
import type { User } from '../../models/user.js';
import { createAccess } from '../../policies/access.js';
import { WHOLE } from '../../policies/catalog.js';
import { recordRefusal } from '../audit/refusals.js';
import type { Deps } from '../deps.js';
import { assertMayAdminister } from '../escalation.js';
import type { RequestOrigin } from '../ports.js';
import { clientPrincipal } from '../sessions/principal.js';

type ImpersonationDeps = Pick<Deps, 'audit' | 'clock' | 'config' | 'ephemeral' | 'logger' | 'policy'>;

/**
 * Lets a client be taken for a user, so that no token says who acts, only by the right `impersonate` on that user,
 * which the policy gives to roles of clients; and nobody becomes somebody who holds more than they do themselves.
 * Both answers are audited before anything is issued, and logged.
 * @throws AppError UNAUTHORIZED_CLIENT
 */
export async function assertMayImpersonate(
  deps: ImpersonationDeps,
  client: Client,
  user: User,
  origin: RequestOrigin,
): Promise<void> {
  const entry = {
    action: 'token.impersonate',
    actor: { kind: 'client', id: client._id, clientId: client._id },
    origin,
    objectType: 'User',
    objectId: user._id,
  } as const;
  const reason = refusalOf(deps, client, user);
  if (reason !== null) {
    await recordRefusal(deps, { ...entry, outcome: 'denied', reason });
    throw new AppError('UNAUTHORIZED_CLIENT', `client ${client._id} may not impersonate: ${reason}`);
  }
  await deps.audit.record({ ...entry, outcome: 'success' });
  deps.logger.warn({ clientId: client._id, userId: user._id }, 'a client impersonates a user');
}

function refusalOf(deps: ImpersonationDeps, client: Client, user: User): string | null {
  const { policy, clock } = deps;
  const access = createAccess(policy.current(), policy.catalog, clientPrincipal(client, null), clock());
  const decision = access.decide('impersonate', 'User', user, WHOLE);
  if (!decision.allowed) return `${decision.leg} leg, rule ${decision.ruleId ?? 'none'}`;
  try {
    assertMayAdminister(deps, access, client._id, user);
    return null;
  } catch (error) {
    if (isAppError(error, 'FORBIDDEN')) return error.message;
    throw error;
  }
}
