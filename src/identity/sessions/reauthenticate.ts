import { AppError } from '../../errors.js';
import type { Session } from '../../models/session.js';
import type { Deps } from '../deps.js';

/**
 * Notes that the user of a session has proved anew who they are. Whoever ends sessions meanwhile wins.
 * @throws AppError INVALID_CREDENTIALS when the session is over or not the user's
 */
export async function reauthenticateSession(
  deps: Pick<Deps, 'clock' | 'models'>,
  session: Pick<Session, '_id' | 'userId'>,
  proof: { amr: readonly string[]; acr: string },
): Promise<Session> {
  const now = deps.clock();
  const renewed = await deps.models.sessions
    .findOneAndUpdate(
      { _id: session._id, userId: session.userId, revokedAt: null, expiresAt: { $gt: now } },
      { $set: { authenticatedAt: now, lastUsedAt: now, amr: [...proof.amr], acr: proof.acr } },
      { returnDocument: 'after' },
    )
    .lean<Session>();
  if (!renewed) throw new AppError('INVALID_CREDENTIALS', `session ${session._id} is over`);
  return renewed;
}
