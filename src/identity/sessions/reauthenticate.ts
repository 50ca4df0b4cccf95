import { AppError } from '../../errors.js';
import type { Session } from '../../models/session.js';
import type { Deps } from '../deps.js';
import { aliveAt, makeSessionCookie } from './sessions.js';

/**
 * Notes that the user of a session has proved anew who they are. Whoever ends sessions meanwhile wins. With
 * `withCookie` the session's cookie has a new value, and the one before is worth nothing.
 * @throws AppError INVALID_CREDENTIALS when the session is over or not the user's
 */
export async function reauthenticateSession(
  deps: Pick<Deps, 'clock' | 'models'>,
  session: Pick<Session, '_id' | 'userId'>,
  proof: { readonly amr: readonly string[]; readonly acr: string; readonly withCookie: boolean },
): Promise<{ session: Session; cookieValue: string | null }> {
  const now = deps.clock();
  const cookie = proof.withCookie ? makeSessionCookie() : null;
  const renewed = await deps.models.sessions
    .findOneAndUpdate(
      { _id: session._id, userId: session.userId, ...aliveAt(now) },
      {
        $set: {
          authenticatedAt: now,
          lastUsedAt: now,
          amr: [...proof.amr],
          acr: proof.acr,
          ...(cookie && { cookieHash: cookie.hash }),
        },
      },
      { returnDocument: 'after' },
    )
    .lean<Session>();
  if (!renewed) throw new AppError('INVALID_CREDENTIALS', `session ${session._id} is over`);
  return { session: renewed, cookieValue: cookie?.value ?? null };
}
