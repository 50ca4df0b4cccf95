import { AppError } from '../../errors.js';
import type { SignInTransaction } from '../../models/signInTransaction.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import { isFromBefore, isInGoodStanding } from '../sessions/standing.js';
import { BY_MAIL } from './levels.js';

/**
 * The account of a sign-in, as it is now. What changed since the first proof ends the sign-in: of the account, and whether
 * a letter is a first proof.
 * @throws AppError ACCOUNT_LOCKED, INVALID_GRANT
 */
export async function personOf(
  deps: Pick<Deps, 'clock' | 'config' | 'models'>,
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
  if (isFromBefore(taken.startedAt, user.tokensValidAfter)) {
    throw new AppError('INVALID_GRANT', 'the sign-in is from before the user’s tokens were revoked');
  }
  const isByMail = !taken.sessionId && taken.amr.includes(BY_MAIL);
  if (isByMail && deps.config.factors.emailSignIn.length === 0) {
    throw new AppError('INVALID_GRANT', 'signing in by mail was switched off');
  }
  return user;
}
