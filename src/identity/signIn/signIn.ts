import type { Factor } from '../../models/factor.js';
import type { User } from '../../models/user.js';
import { reaches } from '../../policies/requirement.js';
import { verifyCredentials } from '../accounts/credentials.js';
import { hashReplacement } from '../accounts/passwords.js';
import { confirmedFactors } from '../factors/factors.js';
import { isTrustedDevice } from '../factors/trustedDevices.js';
import { assessRisk, type RiskOutcome } from '../risk/assessRisk.js';
import { demandCaptcha } from '../risk/captcha/demandCaptcha.js';
import { concludeSignIn } from './conclude.js';
import { demandedAcr } from './demandedAcr.js';
import { enrolmentKinds, isEnrolmentOpen } from './enrol.js';
import { methodsOf, optionsOf, usableAfter } from './factorOptions.js';
import { acrOf, highestAcr } from './levels.js';
import type { SignInContext, SignInDeps, SignInOutcome, WantedLevel } from './outcome.js';
import { askForRiskCode, takesRiskCode } from './riskCode.js';
import { openTransaction, type SignInState } from './transactions.js';

/**
 * The first step: identifier and password. An account with a second factor is asked for it unless the browser is
 * trusted, and always where a level is demanded that the password alone does not reach.
 * What speaks against the sign-in may ask for more, or refuse it like a wrong password.
 * @throws AppError what `verifyCredentials` throws, CAPTCHA_REQUIRED
 */
export async function beginSignIn(
  deps: SignInDeps,
  proof: {
    readonly identifier: string;
    readonly password: string;
    readonly wanted?: WantedLevel | undefined;
    /** Replaces the password where it must be replaced, as soon as everything else is proved. */
    readonly newPassword?: string | null | undefined;
    /** The solution of a CAPTCHA that was demanded. */
    readonly captcha?: string | null | undefined;
  },
  request: SignInContext,
): Promise<SignInOutcome> {
  const { password, newPassword } = proof;
  // Of its own: what one attempt has shown counts for no other in the same request.
  const context = { ...request, origin: { ...request.origin } };
  const risk: { outcome: RiskOutcome } = { outcome: 'allow' };
  const user = await verifyCredentials(deps, proof, context.origin, async (owner) => {
    const { outcome } = await assessRisk(deps, { user: owner, password }, context.origin);
    risk.outcome = outcome;
    return outcome !== 'deny';
  });
  if (user.mustChangePassword && !newPassword) return { kind: 'passwordChangeRequired' };
  const begun = newState(deps, user, ['pwd'], proof.wanted);
  const state =
    user.mustChangePassword && newPassword
      ? {
          ...begun,
          newPasswordHash: await hashReplacement(deps, user, { currentPassword: password, newPassword }),
        }
      : begun;
  if (risk.outcome === 'challenge') return challenge(deps, user, state, context, proof);
  return goOn(deps, user, state, context, proof.wanted);
}

/** Much speaks against it: a factor is shown, trusted browser or not, or a code from the owner's mail, or a CAPTCHA. */
async function challenge(
  deps: SignInDeps,
  user: User,
  state: SignInState,
  context: SignInContext,
  { captcha, wanted }: { captcha?: string | null | undefined; wanted?: WantedLevel | undefined },
): Promise<SignInOutcome> {
  const factors = await confirmedFactors(deps, user._id);
  if (factors.length > 0) {
    return askForFactor(deps, user, withWish(state, factors, wanted), context, factors);
  }
  if (takesRiskCode(user)) return askForRiskCode(deps, user, state, context);
  await demandCaptcha(deps, captcha, context.origin);
  return goOn(deps, user, state, context, wanted);
}

/** A session that runs, and whose it is. */
export interface RunningSession {
  readonly user: User;
  readonly sessionId: string;
  readonly amr: readonly string[];
  /** Where the session is that of a token: what it may do. */
  readonly tokenScopes?: readonly string[] | undefined;
}

/**
 * Raises a running session to a level (RFC 9470): the person is known, another proof is missing. One is asked for also
 * where the level is reached, since it may be too long ago.
 */
export async function beginStepUp(
  deps: SignInDeps,
  running: RunningSession,
  wanted: WantedLevel,
  context: SignInContext,
): Promise<SignInOutcome> {
  const { user, sessionId, amr, tokenScopes } = running;
  const factors = await confirmedFactors(deps, user._id);
  const state: SignInState = {
    ...newState(deps, user, amr, wanted),
    sessionId,
    ...(tokenScopes ? { tokenScopes: [...tokenScopes] } : {}),
  };
  return askForFactor(deps, user, withWish(state, factors, wanted), context, factors);
}

/** Whether a session is below what is wanted, and the account has a factor that raises it. */
export async function stepUpHelps(
  deps: SignInDeps,
  { user, amr }: Pick<RunningSession, 'user' | 'amr'>,
  wanted: WantedLevel,
): Promise<boolean> {
  const factors = await confirmedFactors(deps, user._id);
  const state = withWish({ amr: [...amr], requiredAcr: levelOf(deps, user, wanted) }, factors, wanted);
  return !reaches(acrOf(amr), state.requiredAcr) && helpfulOf(factors, state).length > 0;
}

/** A sign-in that begins now, with what was proved. */
export function newState(
  deps: SignInDeps,
  user: User,
  amr: readonly string[],
  wanted: WantedLevel | undefined,
): SignInState {
  return {
    userId: user._id,
    amr: [...amr],
    startedAt: deps.clock(),
    requiredAcr: levelOf(deps, user, wanted),
    ...(user.passwordChangedAt ? { passwordChangedAt: user.passwordChangedAt } : {}),
  };
}

/** Nothing less than what is demanded of the account, nor than what the way demands. */
function levelOf(deps: SignInDeps, user: User, { clientId, requiredAcr }: WantedLevel = {}): string {
  const demanded = demandedAcr(deps, user, clientId === undefined ? [] : [clientId]);
  return requiredAcr === undefined ? demanded : highestAcr([demanded, requiredAcr]);
}

/** A wish counts where some factor fulfils it (RFC 9470 §5). */
function withWish<Level extends Pick<SignInState, 'amr' | 'requiredAcr'>>(
  state: Level,
  factors: readonly Factor[],
  { wishedAcrs = [] }: WantedLevel = {},
): Level {
  const wish = wishedAcrs.find((acr) => helpfulOf(factors, { amr: state.amr, requiredAcr: acr }).length > 0);
  return wish === undefined ? state : { ...state, requiredAcr: highestAcr([state.requiredAcr, wish]) };
}

function helpfulOf(
  factors: readonly Factor[],
  { amr, requiredAcr }: { readonly amr: readonly string[]; readonly requiredAcr: string },
): readonly Factor[] {
  return usableAfter(amr, factors).filter(({ kind }) =>
    reaches(acrOf([...amr, ...methodsOf(kind)]), requiredAcr),
  );
}

/** After a first proof: ends there where it is enough, else asks for a factor. @throws AppError as `concludeSignIn` */
export async function goOn(
  deps: SignInDeps,
  user: User,
  begun: SignInState,
  context: SignInContext,
  wanted: WantedLevel | undefined,
): Promise<SignInOutcome> {
  const factors = await confirmedFactors(deps, user._id);
  const state = withWish(begun, factors, wanted);
  const acr = acrOf(state.amr);
  const enough = reaches(acr, state.requiredAcr);
  const usable = usableAfter(state.amr, factors);
  // A key that verified its user is two factors already.
  if (enough && (acr !== 'aal1' || usable.length === 0)) return concludeSignIn(deps, user, state, context);
  if (enough && (await isTrustedDevice(deps, user._id, context.trustedDevice))) {
    return concludeSignIn(deps, user, state, context);
  }
  return askForFactor(deps, user, state, context, factors);
}

/**
 * Asks for one of the factors that reach the demanded level together with what was proved. Where none does, for any
 * that there is, and then for a new one.
 */
export async function askForFactor(
  deps: SignInDeps,
  user: User,
  state: SignInState,
  context: SignInContext,
  known?: readonly Factor[],
): Promise<SignInOutcome> {
  const factors = known ?? (await confirmedFactors(deps, user._id));
  const helpful = helpfulOf(factors, state);
  const mayEnrol = isEnrolmentOpen(state, factors.length);
  const askable =
    helpful.length > 0 || mayEnrol || state.sessionId ? helpful : usableAfter(state.amr, factors);
  if (askable.length === 0) {
    return {
      kind: 'enrolmentRequired',
      requiredAcr: state.requiredAcr,
      transaction: await openTransaction(deps, state, context.binding),
      kinds: mayEnrol ? enrolmentKinds(user, state) : [],
      setUp: null,
      wrongAnswer: false,
    };
  }
  return {
    kind: 'factorRequired',
    transaction: await openTransaction(deps, state, context.binding),
    factors: await optionsOf(deps, user, askable),
    chosen: null,
    wrongAnswer: false,
  };
}
