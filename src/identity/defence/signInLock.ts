import { hash } from 'node:crypto';
import {
  type AttemptsDeps,
  type FailureOutcome,
  forgetFailures,
  lockedSeconds,
  recordFailure,
} from '../accounts/attempts.js';
import { addressKey } from '../addressKey.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { addressLockedSeconds, countAddressFailure } from './addressFailures.js';
import { recogniseDevice } from './knownDevices.js';

export type LockDeps = AttemptsDeps & Pick<Deps, 'ephemeral'>;

/**
 * What the failures of one attempt are counted under. A device that the account knows counts for itself alone, so that
 * no stranger can lock it out; every other one counts for its address and for all unknown devices together.
 */
export interface AttemptNames {
  /** The account, or the identifier that nobody has. */
  readonly account: string;
  /** The known device, or the account at this address. */
  readonly own: string;
  readonly isKnownDevice: boolean;
  readonly address: string;
}

/** The same work for an account and for an identifier that nobody has. */
export async function nameAttempt(
  deps: Pick<Deps, 'clock' | 'models'>,
  account: string,
  { address, deviceToken }: RequestOrigin,
): Promise<AttemptNames> {
  const device = await recogniseDevice(deps, account.replace(/^account:/, ''), deviceToken);
  const own = device === null ? `${account}@${digest(addressKey(address))}` : `${account}#${device}`;
  return { account, own, isKnownDevice: device !== null, address };
}

/** Seconds for which the attempt is not judged, or null. */
export async function signInLockedSeconds(deps: LockDeps, names: AttemptNames): Promise<number | null> {
  if (names.isKnownDevice) return lockedSeconds(deps, names.own);
  const locks = await Promise.all([
    lockedSeconds(deps, names.own),
    lockedSeconds(deps, names.account),
    addressLockedSeconds(deps, names.address),
  ]);
  return longest(locks);
}

/**
 * Counts one failure: of any number of parallel guesses only as many are answered as the lockout allows, from one
 * address and from all together.
 */
export async function recordSignInFailure(deps: LockDeps, names: AttemptNames): Promise<FailureOutcome> {
  const own = await recordFailure(deps, names.own);
  // What a lock keeps from being judged counts nowhere else.
  if (names.isKnownDevice || (own.lockedSeconds !== null && !own.setTheLock)) return own;
  await countAddressFailure(deps, names.address);
  const all = await recordFailure(deps, names.account, deps.config.lockout.accountMaxFailures);
  if (all.lockedSeconds === null) return own;
  return own.lockedSeconds !== null && all.setTheLock ? own : all;
}

/**
 * After a right password: forgets the failures, unless a lock was set meanwhile, whose seconds are returned then.
 * A known device forgets its own alone: those of strangers go on to count.
 */
export async function forgetSignInFailures(deps: LockDeps, names: AttemptNames): Promise<number | null> {
  const own = await forgetFailures(deps, names.own);
  if (names.isKnownDevice || own !== null) return own;
  return forgetFailures(deps, names.account);
}

function longest(locks: readonly (number | null)[]): number | null {
  return locks.reduce((most, one) => (one !== null && (most === null || one > most) ? one : most), null);
}

function digest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22);
}
