import { createHmac } from 'node:crypto';
import { isDuplicateKey } from '../../models/duplicateKey.js';
import type { FailedAttempts } from '../../models/failedAttempts.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import type { Identifier } from './lookup.js';

/** Failures are "in a row" while no day passes between them. */
const FORGOTTEN_AFTER_SECONDS = 86_400;

export type AttemptsDeps = Pick<Deps, 'models' | 'clock' | 'config' | 'secrets'>;

/** What a failure led to. */
export interface FailureOutcome {
  /** Seconds for which nothing is judged; null while failures remain. */
  lockedSeconds: number | null;
  /** Whether this very failure set the lock: the moment to tell the owner. */
  setTheLock: boolean;
}

/**
 * The name under which failures are counted. An identifier without an account has one too, else only real accounts
 * would ever be locked; it is an HMAC, because people type passwords into the wrong field.
 */
export function attemptsKey(
  deps: Pick<Deps, 'secrets'>,
  user: Pick<User, '_id'> | null,
  identifier: Identifier | null,
  typed: string,
): string {
  if (user) return `account:${user._id}`;
  const name = identifier
    ? `${identifier.field}:${identifier.value}`
    : `other:${typeof typed === 'string' ? typed.trim().toLowerCase() : ''}`;
  return `unknown:${createHmac('sha256', deps.secrets.derive('failed attempts')).update(name).digest('base64url')}`;
}

function secondsUntil(blockedUntil: Date | null | undefined, now: Date): number | null {
  if (!blockedUntil || blockedUntil <= now) return null;
  return Math.ceil((blockedUntil.getTime() - now.getTime()) / 1000);
}

/** Seconds that the lock still lasts, or null. */
export async function lockedSeconds(deps: AttemptsDeps, key: string): Promise<number | null> {
  const attempts = await deps.models.failedAttempts.findById(key).lean<FailedAttempts>();
  return secondsUntil(attempts?.blockedUntil, deps.clock());
}

/** The lock that the n-th failure in a row sets: none, then the base delay, doubled by each further failure. */
export function lockSecondsAfter(
  lockout: Deps['config']['lockout'],
  failures: number,
  maxFailures: number = lockout.maxFailures,
): number | null {
  if (failures < maxFailures) return null;
  const doublings = Math.min(failures - maxFailures, 30);
  return Math.min(lockout.baseDelaySeconds * 2 ** doublings, lockout.maxDelaySeconds);
}

/**
 * Counts one failure by compare-and-swap on the count, and sets the lock in the same write. While a lock holds,
 * nothing is counted: of any number of parallel guesses only as many are answered as the lockout allows.
 */
export async function recordFailure(
  deps: AttemptsDeps,
  key: string,
  maxFailures?: number,
): Promise<FailureOutcome> {
  const { failedAttempts } = deps.models;
  for (let round = 0; round < 50; round += 1) {
    const now = deps.clock();
    const before = await failedAttempts.findById(key).lean<FailedAttempts>();
    const locked = secondsUntil(before?.blockedUntil, now);
    if (locked !== null) return { lockedSeconds: locked, setTheLock: false };

    // The database forgets by its own clock, some time after `expiresAt`.
    const failures = before && before.expiresAt > now ? before.failures + 1 : 1;
    const lock = lockSecondsAfter(deps.config.lockout, failures, maxFailures);
    const next = {
      failures,
      lastFailureAt: now,
      blockedUntil: lock === null ? null : new Date(now.getTime() + lock * 1000),
      expiresAt: new Date(now.getTime() + ((lock ?? 0) + FORGOTTEN_AFTER_SECONDS) * 1000),
    };
    if (await swap(deps, key, before, next)) return { lockedSeconds: lock, setTheLock: lock !== null };
  }
  // Fifty others were faster: nobody but an attacker types that quickly.
  return { lockedSeconds: deps.config.lockout.baseDelaySeconds, setTheLock: false };
}

async function swap(
  deps: AttemptsDeps,
  key: string,
  before: FailedAttempts | null,
  next: Omit<FailedAttempts, '_id'>,
): Promise<boolean> {
  const { failedAttempts } = deps.models;
  if (before) {
    const unchanged = { _id: key, failures: before.failures, lastFailureAt: before.lastFailureAt };
    const result = await failedAttempts.updateOne(unchanged, { $set: next });
    return result.modifiedCount === 1;
  }
  try {
    await failedAttempts.create({ _id: key, ...next });
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/**
 * After a right password: forgets the failures, unless a lock was set meanwhile. Then returns the seconds that it
 * lasts, and the sign-in is refused: a burst of parallel guesses gains nothing from one of them being right.
 * `charge`: where the attempt was counted before it was judged, and may have set the lock itself.
 */
export async function forgetFailures(
  deps: AttemptsDeps,
  key: string,
  charge?: FailureOutcome,
): Promise<number | null> {
  if (charge?.setTheLock) {
    await deps.models.failedAttempts.deleteOne({ _id: key });
    return null;
  }
  const now = deps.clock();
  const unlocked = { _id: key, $or: [{ blockedUntil: null }, { blockedUntil: { $lte: now } }] };
  const { deletedCount } = await deps.models.failedAttempts.deleteOne(unlocked);
  return deletedCount === 1 ? null : lockedSeconds(deps, key);
}

/**
 * Lifts every automatic lock, of whichever address or device: the owner proved themselves by mail, or an
 * administrator says so.
 */
export async function clearFailures(deps: Pick<Deps, 'models'>, userId: string): Promise<void> {
  const first = `account:${userId}`;
  await deps.models.failedAttempts.deleteMany({ _id: { $gte: first, $lt: `${first}~` } });
  await deps.models.failedAttempts.deleteOne({ _id: `factor:${userId}` });
}
