import { AppError } from '../../errors.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import type { AuditActor, RequestOrigin } from '../ports.js';
import { revokeOtherSessions } from '../sessions/sessions.js';
import { changeUserKeepingAdministrator } from './administrators.js';
import { clearFailures } from './attempts.js';
import { changeUser, recordChange, requireUser } from './userChange.js';

/**
 * Locks an account, for good or until a moment, and ends its sessions. This is not the lock that failed sign-ins set:
 * neither a password reset nor time (but for `until`) lifts it.
 * @throws AppError NOT_FOUND, BAD_USER_INPUT, CONFLICT (disabled; last active administrator)
 */
export async function lockUser(
  deps: Pick<Deps, 'models' | 'clock' | 'audit' | 'denylist'>,
  { userId, until, reason }: { userId: string; until?: Date | null; reason?: string | null },
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<User> {
  const now = deps.clock();
  if (until && until <= now) {
    throw new AppError('BAD_USER_INPUT', 'a lock that ends in the past', {
      path: ['until'],
      publicMessage: 'The end of the lock must be in the future.',
    });
  }
  const present = await requireUser(deps, userId);
  if (present.status === 'disabled') {
    throw new AppError('CONFLICT', `user ${userId} is disabled`, {
      publicMessage: 'The account is disabled.',
    });
  }
  const lock: Partial<User> = {
    status: 'locked',
    lockedAt: now,
    lockedUntil: until ?? null,
    lockReason: reason?.trim().slice(0, 500) || null,
  };
  const change = await changeUserKeepingAdministrator(deps, userId, lock);
  await recordChange(deps, 'user.lock', change, Object.keys(lock), actor, origin, reason ?? undefined);
  await revokeOtherSessions(deps, userId, null, 'account was locked', actor, origin);
  return change.after;
}

/**
 * Lifts an administrator's lock and the one of failed sign-ins. A disabled account stays disabled.
 * @throws AppError NOT_FOUND
 */
export async function unlockUser(
  deps: Pick<Deps, 'models' | 'clock' | 'audit'>,
  { userId }: { userId: string },
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<User> {
  const present = await requireUser(deps, userId);
  const unlocked: Partial<User> = {
    ...(present.status === 'locked' ? { status: 'active' } : {}),
    lockedAt: null,
    lockedUntil: null,
    lockReason: null,
  };
  const change = await changeUser(deps, userId, unlocked);
  await clearFailures(deps, userId);
  await recordChange(deps, 'user.unlock', change, Object.keys(unlocked), actor, origin);
  return change.after;
}
