import { AppError } from '../../errors.js';
import type { Session } from '../../models/session.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { aliveAt, closeSessions, createSession, type NewSession } from './sessions.js';

type SessionCapDeps = Pick<Deps, 'audit' | 'clock' | 'config' | 'denylist' | 'models'>;

/**
 * Opens a session, of which an account has no more than it may.
 * @throws AppError LIMIT_EXCEEDED where the new one is refused, INVALID_CREDENTIALS as `createSession`
 */
export async function openSession(
  deps: SessionCapDeps,
  wanted: NewSession,
  origin: RequestOrigin,
): ReturnType<typeof createSession> {
  const opened = await createSession(deps, wanted, origin);
  await keepSessionCap(deps, opened.session, origin);
  return opened;
}

/**
 * Keeps an account to `sessions.maxPerUser` after a session was opened: the oldest go, or the new one does, by
 * `sessions.whenFull`. Judged after the insert, so that of two at once neither is overlooked.
 * @throws AppError LIMIT_EXCEEDED where the new one is refused; it is gone then
 */
async function keepSessionCap(
  deps: SessionCapDeps,
  opened: Pick<Session, '_id' | 'userId'>,
  origin: RequestOrigin,
): Promise<void> {
  const { maxPerUser, whenFull } = deps.config.sessions;
  const now = deps.clock();
  const { userId } = opened;
  const alive = await deps.models.sessions
    .find({ userId, ...aliveAt(now) })
    .sort({ createdAt: 1, _id: 1 })
    .select('_id')
    .lean<Pick<Session, '_id'>[]>();
  const over = alive.length - maxPerUser;
  if (over <= 0) return;
  const ids = alive.map(({ _id }) => _id);
  if (whenFull === 'refuse') {
    if (ids.indexOf(opened._id) < maxPerUser) return;
    await deps.models.sessions.deleteOne({ _id: opened._id });
    throw new AppError('LIMIT_EXCEEDED', `user ${userId} has ${maxPerUser} sessions`, {
      publicMessage: 'You are signed in on as many devices as you may be. Sign out on one of them first.',
    });
  }
  const oldest = ids.slice(0, over);
  await closeSessions(deps, oldest, 'more sessions than allowed');
  await Promise.all(oldest.map((id) => deps.denylist.deny('sid', id)));
  for (const id of oldest) {
    await deps.audit.record({
      action: 'session.revoke',
      outcome: 'success',
      actor: { kind: 'system' },
      origin,
      objectType: 'Session',
      objectId: id,
      reason: 'more sessions than allowed',
    });
  }
}
