import { AppError } from '../../errors.js';
import { readTogether } from '../../models/readTogether.js';
import type { RefreshFamily } from '../../models/refreshFamily.js';
import type { Session } from '../../models/session.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import { isSessionAlive } from '../sessions/sessions.js';
import { isFromBefore, isInGoodStanding } from '../sessions/standing.js';

/** What a refresh token must be presented with. */
export interface Presentation {
  readonly clientId: string;
  /** Of `senderKey.ts`. */
  readonly senderKey?: string | null;
  /** The client's `tokensValidAfter`: older families are refused. */
  readonly validAfter?: Date | null;
}

/** The family is there, alive, and belongs to who presents its token. @throws AppError INVALID_GRANT */
export function assertPresentable(
  family: RefreshFamily | null,
  presented: Presentation,
  now: Date,
): asserts family is RefreshFamily {
  if (!family) throw new AppError('INVALID_GRANT', 'the refresh family is gone');
  // RFC 6749 §6: the token is bound to the client that it was issued to.
  if (family.clientId !== presented.clientId) {
    throw new AppError(
      'INVALID_GRANT',
      `the refresh token belongs to another client than ${presented.clientId}`,
    );
  }
  if (family.senderKey && family.senderKey !== presented.senderKey) {
    throw new AppError('INVALID_GRANT', 'the refresh token is bound to another key');
  }
  if (family.revokedAt) throw new AppError('INVALID_GRANT', `the family is revoked: ${family.revokedReason}`);
  if (family.expiresAt <= now) throw new AppError('INVALID_GRANT', 'the refresh family has expired');
  if (isFromBefore(family.createdAt, presented.validAfter)) {
    throw new AppError('INVALID_GRANT', "the family is from before the client's tokens were revoked");
  }
}

/** Absent or empty: all that the family has. @throws AppError INVALID_SCOPE for more than it has (RFC 6749 §6) */
export function narrowScopes(family: RefreshFamily, requested: readonly string[] | undefined): string[] {
  if (!requested || requested.length === 0) return family.scopes;
  const wider = requested.filter((scope) => !family.scopes.includes(scope));
  if (wider.length > 0) {
    throw new AppError('INVALID_SCOPE', `the family does not have the scopes ${wider.join(' ')}`);
  }
  return [...new Set(requested)];
}

/** Whose family it is, both as stored now and in good standing. @throws AppError INVALID_GRANT */
export async function readOwner(
  deps: Pick<Deps, 'clock' | 'models'>,
  family: RefreshFamily,
): Promise<{ session: Session; user: User }> {
  const [session, user] = await Promise.all([
    readTogether(deps.models.sessions, family.sessionId),
    readTogether(deps.models.users, family.userId),
  ]);
  const now = deps.clock();
  if (!session || !isSessionAlive(session, now)) {
    throw new AppError('INVALID_GRANT', 'the session of the refresh token is over');
  }
  if (!user || !isInGoodStanding(user, now)) {
    throw new AppError('INVALID_GRANT', 'the user of the refresh token is gone, locked or disabled');
  }
  if (isFromBefore(family.createdAt, user.tokensValidAfter)) {
    throw new AppError('INVALID_GRANT', "the family is from before the user's tokens were revoked");
  }
  return { session, user };
}
