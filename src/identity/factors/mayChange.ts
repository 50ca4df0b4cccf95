import { AppError } from '../../errors.js';
import type { SessionFacts } from '../../policies/principal.js';
import { ANONYMOUS } from '../../policies/principal.js';
import { describeRequirement, isMet } from '../../policies/requirement.js';
import type { Requirement } from '../../policies/rule.js';
import type { Deps } from '../deps.js';
import { confirmedFactors } from './factors.js';

/** Who changes factors: their account, and how they signed in. */
export interface FactorKeeper {
  readonly userId: string;
  readonly session: SessionFacts | null;
}

/**
 * Whoever adds or removes a factor has just signed in, with a factor if they have one: a stolen session, or a password
 * alone, neither adds the thief's key nor takes the owner's away. `what`: the same of a contact, which passwords are reset
 * by.
 * @throws AppError STEP_UP_REQUIRED with what the session must reach (RFC 9470 §3)
 */
export async function assertMayChangeFactors(
  deps: Pick<Deps, 'clock' | 'config' | 'models'>,
  keeper: FactorKeeper,
  what = 'change factors',
): Promise<void> {
  const factors = await confirmedFactors(deps, keeper.userId);
  const requirement = {
    maxAgeSeconds: deps.config.factors.freshSignInSeconds,
    ...(factors.length > 0 && { acr: 'aal2' }),
  };
  assertMet(deps, keeper.session, requirement, what);
}

/**
 * Whoever signs an account out everywhere has shown a factor if there is one: a stolen session does not throw the owner
 * out. @throws AppError STEP_UP_REQUIRED
 */
export async function assertMaySignOutEverywhere(
  deps: Pick<Deps, 'clock' | 'models'>,
  { userId, session }: FactorKeeper,
): Promise<void> {
  const factors = await confirmedFactors(deps, userId);
  if (factors.length > 0) assertMet(deps, session, { acr: 'aal2' }, 'sign out everywhere');
}

function assertMet(
  { clock }: Pick<Deps, 'clock'>,
  session: SessionFacts | null,
  requirement: Requirement,
  what: string,
): void {
  if (isMet(requirement, { principal: { ...ANONYMOUS, session }, now: clock() })) return;
  throw new AppError('STEP_UP_REQUIRED', `session ${session?.id} is too weak or old to ${what}`, {
    publicMessage: `You may ${what} after a stronger or more recent sign-in.`,
    remedy: describeRequirement(requirement),
    requirement,
  });
}
