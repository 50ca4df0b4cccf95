import { AppError } from '../../errors.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import { isInGoodStanding } from '../sessions/standing.js';
import { isShutBreakGlass } from './breakGlass.js';

/** What keeps an account out although its owner proved who they are. Told after that proof only. */
export type Obstacle = 'notActive' | 'unconfirmed';

/** By whichever way somebody signs in; null: nothing. */
export function obstacleOf(deps: Pick<Deps, 'clock' | 'config'>, user: User): Obstacle | null {
  if (!isInGoodStanding(user, deps.clock()) || isShutBreakGlass(deps, user)) return 'notActive';
  const hasContact = user.email || user.phone;
  if (!deps.config.accounts.requireConfirmedContact || !hasContact) return null;
  return user.emailVerified || user.phoneVerified ? null : 'unconfirmed';
}

/** ACCOUNT_LOCKED or CONFIRMATION_REQUIRED. */
export function obstacleError(userId: string, obstacle: Obstacle): AppError {
  return obstacle === 'notActive'
    ? new AppError('ACCOUNT_LOCKED', `user ${userId} is gone, locked or disabled`)
    : new AppError('CONFIRMATION_REQUIRED', `user ${userId} has no confirmed contact`);
}
