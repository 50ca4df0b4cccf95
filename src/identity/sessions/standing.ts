import type { User } from '../../models/user.js';

/** Whether an account may act now. A lock whose end has passed no longer counts. */
export function isInGoodStanding(user: Pick<User, 'status' | 'lockedUntil'>, now: Date): boolean {
  if (user.status === 'active') return true;
  return user.status === 'locked' && !!user.lockedUntil && user.lockedUntil <= now;
}

/** Whether what was made at this moment is from before a `tokensValidAfter`, with which all that was is ended. */
export function isFromBefore(madeAt: Date | number, mark: Date | null | undefined): boolean {
  return !!mark && madeAt.valueOf() < mark.valueOf();
}
