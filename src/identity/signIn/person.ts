import { AppError } from '../../errors.js';
import type { SignInTransaction } from '../../models/signInTransaction.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import { isInGoodStanding } from '../sessions/standing.js';

/**
 * The account of a sign-in, as it is now. What changed since the first proof ends the sign-in.
 * @throws AppError ACCOUNT_LOCKED, INVALID_GRANT
 */
export async function personOf(
  deps: Pick<Deps, 'clock' | 'models'>,
  taken: SignInTransaction,
): Promise<User> {
  const user = await deps.models.users.findOne({ _id: taken.userId }).lean<User>();
  if (!user || !isInGoodStanding(user, deps.clock())) {
    throw new AppError('ACCOUNT_LOCKED', `user ${taken.userId} is gone, locked or disabled`);
  }
  const before = taken.passwordChangedAt?.getTime() ?? null;
  if ((user.passwordChangedAt?.getTime() ?? null) !== before) {
    throw new AppError('INVALID_GRANT', 'the password has changed since the sign-in began');
  }
  return user;
}
