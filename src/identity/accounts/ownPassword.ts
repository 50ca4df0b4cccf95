import { AppError } from '../../errors.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { type AttemptsDeps, forgetFailures, lockedSeconds, recordFailure } from './attempts.js';

/**
 * Has a signed-in user prove themselves by their present password, before something that a borrowed session must not
 * do. Failures lock here as they do at the sign-in, but are counted apart: strangers cannot keep the owner from it.
 * @returns the account with its hash
 * @throws AppError INVALID_CREDENTIALS, ACCOUNT_LOCKED, NOT_FOUND, UNAVAILABLE
 */
export async function assertPassword(
  deps: AttemptsDeps & Pick<Deps, 'passwords' | 'audit' | 'metrics'>,
  userId: string,
  password: string,
  action: string,
  origin: RequestOrigin,
): Promise<User> {
  const user = await deps.models.users.findById(userId).select('+passwordHash').lean<User>();
  if (!user) throw new AppError('NOT_FOUND', `there is no user ${userId}`);
  const key = presentKey(userId);
  const locked = await lockedSeconds(deps, key);
  if (locked !== null) throw await refuse(deps, userId, action, origin, locked);
  const { matches } = await deps.passwords.verify(user.passwordHash ?? null, password);
  if (!matches) {
    const failure = await recordFailure(deps, key);
    const seconds = failure.setTheLock ? null : failure.lockedSeconds;
    throw await refuse(deps, userId, action, origin, seconds);
  }
  const lockedMeanwhile = await forgetFailures(deps, key);
  if (lockedMeanwhile !== null) throw await refuse(deps, userId, action, origin, lockedMeanwhile);
  return user;
}

const presentKey = (userId: string) => `account:${userId}!present`;

async function refuse(
  deps: Pick<Deps, 'audit' | 'metrics'>,
  userId: string,
  action: string,
  origin: RequestOrigin,
  seconds: number | null,
): Promise<AppError> {
  const reason = seconds === null ? 'wrongPassword' : 'locked';
  deps.metrics.failedSignIn(reason);
  await deps.audit.record({
    action,
    outcome: 'denied',
    actor: { kind: 'user', id: userId },
    origin,
    objectType: 'User',
    objectId: userId,
    reason,
  });
  if (seconds === null)
    return new AppError('INVALID_CREDENTIALS', `wrong present password of user ${userId}`);
  return new AppError('ACCOUNT_LOCKED', `locked after failures: ${presentKey(userId)}`, {
    retryAfterSeconds: seconds,
  });
}
