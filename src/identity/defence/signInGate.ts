import { AppError } from '../../errors.js';
import type { Deps } from '../deps.js';
import { consume } from '../rateLimits.js';
import { countFailure } from './countFailure.js';
import { type AttemptNames, forgetSignInFailures, signInLockedSeconds } from './signInLock.js';

type GateDeps = Parameters<typeof countFailure>[0] & Pick<Deps, 'config' | 'ephemeral'>;

/** A first proof that can be guessed: a password, or the code of a letter. */
export interface GuardedAttempt {
  readonly names: AttemptNames;
  /** Null when nobody has the identifier: everything here does the same for it. */
  readonly userId: string | null;
  /** Counts and audits that it is turned away unjudged. */
  readonly note: (reason: 'accountLimit' | 'locked') => Promise<void>;
}

/** Before it is judged. @throws AppError RATE_LIMITED, ACCOUNT_LOCKED */
export async function assertMayTry(deps: GateDeps, attempt: GuardedAttempt): Promise<void> {
  const { account, own, isKnownDevice } = attempt.names;
  const { exceeded, resetSeconds } = await consume(deps, 'account', isKnownDevice ? own : account);
  if (exceeded) {
    await attempt.note('accountLimit');
    throw new AppError('RATE_LIMITED', `account limit reached for ${account}`, {
      retryAfterSeconds: resetSeconds,
    });
  }
  await refuseLocked(attempt, await signInLockedSeconds(deps, attempt.names));
}

/** It was wrong. @throws AppError ACCOUNT_LOCKED where another failure set a lock meanwhile */
export async function countWrong(deps: GateDeps, attempt: GuardedAttempt): Promise<void> {
  await refuseLocked(attempt, await countFailure(deps, attempt.names, attempt.userId));
}

/**
 * It was right: the failures before it are forgotten. A burst of parallel guesses gains nothing from one of them being
 * right. @throws AppError ACCOUNT_LOCKED where a lock was set meanwhile
 */
export async function forgetWrong(deps: GateDeps, attempt: GuardedAttempt): Promise<void> {
  await refuseLocked(attempt, await forgetSignInFailures(deps, attempt.names));
}

async function refuseLocked({ names, note }: GuardedAttempt, seconds: number | null): Promise<void> {
  if (seconds === null) return;
  await note('locked');
  throw new AppError('ACCOUNT_LOCKED', `locked after failures: ${names.own}`, {
    retryAfterSeconds: seconds,
  });
}
