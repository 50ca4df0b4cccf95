import { AppError } from '../../errors.js';
import type { Principal } from '../../policies/principal.js';
import type { Deps } from '../deps.js';

/**
 * That nobody acts for the principal (RFC 8693 §4.1): two people must be two, and one not both.
 * @throws AppError FORBIDDEN
 */
export function assertNobodyBetween({ id, actor }: Pick<Principal, 'id' | 'actor'>): void {
  if (actor === null) return;
  throw new AppError('FORBIDDEN', `${actor.kind} ${actor.id} acts for ${id}`, {
    publicMessage: 'Nobody can do this in the name of somebody else.',
  });
}

/**
 * That somebody acts by their own hands: in the session of a browser, or by an app of the house. What proves who they
 * are is shown to no other app, and another app adds nothing by which it could come back as them.
 * @throws AppError FORBIDDEN
 */
export async function assertOwnHands(
  deps: Pick<Deps, 'models'>,
  principal: Pick<Principal, 'id' | 'token' | 'actor'>,
): Promise<void> {
  assertNobodyBetween(principal);
  if (principal.token === null) return;
  const { clientId } = principal.token;
  if (await deps.models.clients.exists({ _id: clientId, firstParty: true })) return;
  throw new AppError('FORBIDDEN', `client ${clientId} is not of the house`, {
    publicMessage: 'Another app cannot do this. Use your account page.',
  });
}
