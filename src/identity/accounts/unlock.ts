import { AppError } from '../../errors.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { clearFailures } from './attempts.js';
import { isOwnerAt } from './letters.js';
import { useProofByToken } from './oneTimeProof.js';

type UnlockDeps = Pick<Deps, 'audit' | 'clock' | 'models' | 'secrets'>;

/**
 * Lifts every lock that failed sign-ins and wrong codes set on an account, by the link of the letter that told of one.
 * Not that of an administrator. Works once, and only while the letter's reader is still who the account belongs to.
 * @throws AppError CODE_INVALID, whatever the reason
 */
export async function unlockByLink(deps: UnlockDeps, token: string, origin: RequestOrigin): Promise<void> {
  const used = await useProofByToken(deps, ['unlock'], token);
  const owner = used && (await deps.models.users.findOne({ _id: used.userId }).lean<User>());
  const isTheirs = owner !== null && isOwnerAt(owner, used?.target ?? '');
  if (isTheirs) await clearFailures(deps, owner._id);
  await deps.audit.record({
    action: 'user.unlockByLink',
    outcome: isTheirs ? 'success' : 'denied',
    actor: isTheirs ? { kind: 'user', id: owner._id } : { kind: 'anonymous' },
    origin,
    ...(isTheirs
      ? { objectType: 'User', objectId: owner._id }
      : { reason: 'the link is unknown, used or expired' }),
  });
  if (!isTheirs) throw new AppError('CODE_INVALID', 'no open link lifts a lock');
}
