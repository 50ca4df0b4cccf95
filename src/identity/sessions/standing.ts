import type { User } from '../../models/user.js';

/** Whether an account may act now. A lock whose end has passed no longer counts. */
export function isInGoodStanding(user: Pick<User, 'status' | 'lockedUntil'>, now: Date): boolean {
  if (user.status === 'active') return true;
  return user.status === 'locked' && !!user.lockedUntil && user.lockedUntil <= now;
}
