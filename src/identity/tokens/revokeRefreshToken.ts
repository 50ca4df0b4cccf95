import { AppError } from '../../errors.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { revokeFamily } from './families.js';
import { parseRefreshToken } from './refreshTokenFormat.js';

/**
 * RFC 7009: ends the token's family, whichever of its tokens is shown. Anything that is no token of ours is already
 * as invalid as it can be, so that is no error.
 * @throws AppError INVALID_GRANT when the token belongs to another client (§2.1)
 */
export async function revokeRefreshToken(
  deps: Pick<Deps, 'audit' | 'clock' | 'denylist' | 'models' | 'secrets'>,
  { token, clientId }: { token: string; clientId: string },
  origin: RequestOrigin,
): Promise<void> {
  const position = parseRefreshToken(deps, token);
  if (!position) return;
  const family = await deps.models.refreshFamilies.findOne({ _id: position.familyId }).lean();
  if (!family) return;
  if (family.clientId !== clientId) {
    throw new AppError('INVALID_GRANT', `client ${clientId} tried to revoke a token of another client`);
  }
  const revoked = await revokeFamily(deps, family, 'revoked by its client');
  if (!revoked) return;
  await deps.audit.record({
    action: 'token.revoke',
    outcome: 'success',
    actor: { kind: 'client', id: clientId, clientId, sessionId: family.sessionId },
    origin,
    objectType: 'RefreshFamily',
    objectId: family._id,
  });
}
