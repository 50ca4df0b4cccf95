import type { User } from '../../models/user.js';
import { linkOf, ownerOf, siteOf } from '../accounts/letters.js';
import { createProof } from '../accounts/oneTimeProof.js';
import type { Deps } from '../deps.js';
import { mails } from '../messages/mails.js';
import { texts } from '../messages/texts.js';
import { noteFailedPair } from '../risk/stuffing.js';
import { isFirst } from './memory.js';
import { type AttemptNames, type LockDeps, recordSignInFailure } from './signInLock.js';

type FailureDeps = LockDeps & Pick<Deps, 'mail' | 'sms' | 'messages'>;

/** Between letters about locks of one account. */
const NOTICE_SECONDS = 3600;
/** Of the link that lifts the locks. */
const UNLOCK_TTL_SECONDS = 86_400;

/**
 * Counts a wrong password or code, or one for nobody: towards the locks, towards what tells an attack, and to the owner
 * a letter when it sets a lock, with a link that lifts it. The failure that sets the lock is still answered as what it
 * is; the next one finds it.
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
  const owner = user && ownerOf(user);
  if (!owner) return;
  const { target, address: to } = owner;
  const ttlSeconds = UNLOCK_TTL_SECONDS;
  const { token } = await createProof(deps, { kind: 'unlock', userId, target, ttlSeconds, codeDigits: 8 });
  const site = siteOf(deps.config);
  const url = linkOf(deps.config, 'unlock', token);
  if (owner.channel === 'phone') await deps.sms.send({ to, text: texts.signInsLocked({ site, url }) });
  else await deps.mail.send({ to, ...mails.signInsLocked({ site, seconds, url, ttlSeconds }) });
}
