import type { User } from '../../models/user.js';
import { notifyOwner, ownerOf, siteOf } from '../accounts/letters.js';
import type { Deps } from '../deps.js';
import { mails } from '../messages/templates.js';
import { noteFailedPair } from '../risk/stuffing.js';
import { isFirst } from './memory.js';
import { type AttemptNames, type LockDeps, recordSignInFailure } from './signInLock.js';

type FailureDeps = LockDeps & Pick<Deps, 'mail' | 'sms' | 'messages'>;

/** Between letters about locks of one account. */
const NOTICE_SECONDS = 3600;

/**
 * Counts a wrong password or code, or one for nobody: towards the locks, towards what tells an attack, and to the owner
 * a notice when it sets a lock. The failure that sets the lock is still answered as what it is; the next one finds it.
 * @returns seconds of a lock that another failure set meanwhile, or null
 */
export async function countFailure(
  deps: FailureDeps,
  names: AttemptNames,
  userId: string | null,
): Promise<number | null> {
  const { lockedSeconds: seconds, setTheLock } = await recordSignInFailure(deps, names);
  if (!names.isKnownDevice) await noteFailedPair(deps, names.account, names.address);
  if (seconds === null) return null;
  if (!setTheLock) return seconds;
  if (userId !== null) deps.messages.enqueue('signInsLocked', () => tellOwner(deps, userId, seconds));
  return null;
}

async function tellOwner(deps: FailureDeps, userId: string, seconds: number): Promise<void> {
  // Five hundred addresses that guess are one letter an hour.
  if (!(await isFirst(deps, `lock-notice:${userId}`, NOTICE_SECONDS))) return;
  const user = await deps.models.users.findOne({ _id: userId }).lean<User>();
  const notice = mails.signInsLocked({ site: siteOf(deps.config), seconds });
  notifyOwner(deps, 'signInsLocked', user && ownerOf(user), notice);
}
