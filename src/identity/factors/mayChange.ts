import { AppError } from '../../errors.js';
import type { SessionFacts } from '../../policies/principal.js';
import { ANONYMOUS } from '../../policies/principal.js';
import { describeRequirement, isMet } from '../../policies/requirement.js';
import type { Deps } from '../deps.js';
import { confirmedFactors } from './factors.js';

/** Who changes factors: their account, and how they signed in. */
export interface FactorKeeper {
  readonly userId: string;
  readonly session: SessionFacts | null;
}

/**
 * Whoever adds or removes a factor has just signed in, with a factor if they have one: a stolen session, or a password
 * alone, neither adds the thief's key nor takes the owner's away.
 * @throws AppError STEP_UP_REQUIRED with what the session must reach (RFC 9470 §3)
 */
export async function assertMayChangeFactors(
  deps: Pick<Deps, 'clock' | 'config' | 'models'>,
  { userId, session }: FactorKeeper,
): Promise<void> {
  const factors = await confirmedFactors(deps, userId);
  const requirement = {
    maxAgeSeconds: deps.config.factors.freshSignInSeconds,
    ...(factors.length > 0 && { acr: 'aal2' }),
  };
  if (isMet(requirement, { principal: { ...ANONYMOUS, session }, now: deps.clock() })) return;
  throw new AppError('STEP_UP_REQUIRED', `user ${userId} changes factors in too weak or old a session`, {
    publicMessage: 'You may change factors after a stronger or more recent sign-in.',
    remedy: describeRequirement(requirement),
    requirement,
  });
}
