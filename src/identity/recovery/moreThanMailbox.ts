import { AppError } from '../../errors.js';
import type { Deps } from '../deps.js';
import type { FactorKeeper } from '../factors/mayChange.js';
import { BY_MAIL } from '../signIn/levels.js';

/**
 * Who signed in by a letter alone moves no confirmed contact of an account that has a password: a stolen mailbox would
 * take from its owner what wins the account back, and without the cooldown that a reset begins.
 * @throws AppError FORBIDDEN
 */
export async function assertMoreThanMailbox(
  deps: Pick<Deps, 'models'>,
  { userId, session }: FactorKeeper,
): Promise<void> {
  if (!session?.amr.every((method) => method === BY_MAIL)) return;
  const hasPassword = await deps.models.users.exists({ _id: userId, passwordHash: { $type: 'string' } });
  if (!hasPassword) return;
  throw new AppError('FORBIDDEN', `session ${session.id} was opened by a letter alone`, {
    publicMessage: 'Sign in with your password to change your contacts: what was mailed is not enough.',
    remedy: 'sign in with the password',
  });
}
