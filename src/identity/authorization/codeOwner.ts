import { AppError } from '../../errors.js';
import type { AuthorizationCode } from '../../models/authorizationCode.js';
import type { Client } from '../../models/client.js';
import type { Session } from '../../models/session.js';
import type { User } from '../../models/user.js';
import { findConsent, revisionOf } from '../consents.js';
import type { Deps } from '../deps.js';
import { isSessionAlive } from '../sessions/sessions.js';
import { isInGoodStanding } from '../sessions/standing.js';

/**
 * Whose code it is: the session, the person and the consent behind it must still be what they were when it was made.
 * @throws AppError INVALID_GRANT
 */
export async function readCodeOwner(
  deps: Pick<Deps, 'clock' | 'models'>,
  code: AuthorizationCode,
  client: Client,
): Promise<{ session: Session; user: User }> {
  const [session, user] = await Promise.all([
    deps.models.sessions.findOne({ _id: code.sessionId }).lean<Session>(),
    deps.models.users.findOne({ _id: code.userId }).lean<User>(),
    assertConsented(deps, code),
  ]);
  const now = deps.clock();
  if (!session || !isSessionAlive(session, now)) {
    throw new AppError('INVALID_GRANT', 'the session of the code is over');
  }
  if (!user || !isInGoodStanding(user, now)) {
    throw new AppError('INVALID_GRANT', `the user ${code.userId} of the code is gone, locked or disabled`);
  }
  const marks = [user.tokensValidAfter, client.tokensValidAfter];
  // Also of the same millisecond: which came first nobody knows.
  if (marks.some((mark) => mark && code.createdAt <= mark)) {
    throw new AppError('INVALID_GRANT', 'the code is from before all tokens were revoked');
  }
  return { session, user };
}

/** A code may have been made of a consent that was read before it was taken back, and stored after. */
async function assertConsented(
  deps: Pick<Deps, 'models'>,
  { userId, clientId, consentRevision = null }: AuthorizationCode,
): Promise<void> {
  if (consentRevision === null) return;
  const consent = await findConsent(deps, userId, clientId);
  if (consent && revisionOf(consent) === consentRevision) return;
  throw new AppError('INVALID_GRANT', 'the consent that the code was made of was taken back');
}
