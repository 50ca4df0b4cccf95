import { AppError } from '../../errors.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';

/**
 * For a while after a recovery no factor is removed, no recovery codes are replaced and no confirmed contact moves:
 * whoever recovered the account by a stolen mailbox cannot at once take from its owner what would win it back.
 * @throws AppError FORBIDDEN
 */
export async function assertNoRecoveryCooldown(
  deps: Pick<Deps, 'clock' | 'config' | 'models'>,
  userId: string,
): Promise<void> {
  const user = await deps.models.users.findOne({ _id: userId }).select('recoveredAt').lean<User>();
  if (!user?.recoveredAt) return;
  const over = user.recoveredAt.getTime() + deps.config.accounts.recoveryCooldownSeconds * 1000;
  if (deps.clock().getTime() >= over) return;
  throw new AppError('FORBIDDEN', `user ${userId} was recovered a short while ago`, {
    publicMessage: `The account was recovered a short while ago: this is possible from ${new Date(over).toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
    remedy: 'wait until the cooldown after the recovery is over',
  });
}
