import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { AppError } from '../../errors.js';
import type { Factor } from '../../models/factor.js';
import type { User } from '../../models/user.js';
import { verifyCredentials } from '../accounts/credentials.js';
import { changePassword } from '../accounts/passwords.js';
import { confirmedFactors } from '../factors/factors.js';
import { verifyPasskey } from '../factors/passkeys.js';
import { isTrustedDevice } from '../factors/trustedDevices.js';
import { isInGoodStanding } from '../sessions/standing.js';
import { methodsOf, optionsOf } from './factorOptions.js';
import { acrOf, reachesAcr, withMethods } from './levels.js';
import type { SignInContext, SignInDeps, SignInOutcome } from './outcome.js';
import { openTransaction, type SignInState } from './transactions.js';

/**
 * The first step: identifier and password. An account with a second factor is asked for it unless the browser is
 * trusted, and always where a level is demanded that the password alone does not reach.
 * @throws AppError what `verifyCredentials` throws
 */
export async function beginSignIn(
  deps: SignInDeps,
  proof: {
    readonly identifier: string;
    readonly password: string;
    readonly requiredAcr?: string | undefined;
    /** Replaces the password where it must be replaced. */
    readonly newPassword?: string | null | undefined;
  },
  context: SignInContext,
): Promise<SignInOutcome> {
  const verified = await verifyCredentials(deps, proof, context.origin);
  if (verified.mustChangePassword && !proof.newPassword) return { kind: 'passwordChangeRequired' };
  const user = verified.mustChangePassword ? await replacePassword(deps, verified, proof, context) : verified;
  const state: SignInState = {
    userId: user._id,
    amr: ['pwd'],
    startedAt: deps.clock(),
    requiredAcr: proof.requiredAcr ?? deps.config.factors.requiredAcr,
    ...(user.passwordChangedAt ? { passwordChangedAt: user.passwordChangedAt } : {}),
  };
  return goOn(deps, user, state, context);
}

/** Signing in by a passkey alone, without a name: the key says whose it is. @throws AppError CODE_INVALID, ACCOUNT_LOCKED */
export async function signInByPasskey(
  deps: SignInDeps,
  proof: { readonly passkey: AuthenticationResponseJSON; readonly requiredAcr?: string | undefined },
  context: SignInContext,
): Promise<SignInOutcome> {
  const { factor } = await verifyPasskey(deps, null, proof.passkey);
  const user = await deps.models.users.findOne({ _id: factor.userId }).lean<User>();
  if (!user || !isInGoodStanding(user, deps.clock())) {
    throw new AppError('ACCOUNT_LOCKED', `user ${factor.userId} is gone, locked or disabled`);
  }
  const state: SignInState = {
    userId: user._id,
    amr: withMethods([], ['hwk', 'user']),
    startedAt: deps.clock(),
    requiredAcr: proof.requiredAcr ?? deps.config.factors.requiredAcr,
    ...(user.passwordChangedAt ? { passwordChangedAt: user.passwordChangedAt } : {}),
  };
  return goOn(deps, user, state, context);
}

/**
 * Raises a running session to a level (RFC 9470): the person is known, another proof is missing.
 */
export async function beginStepUp(
  deps: SignInDeps,
  running: {
    readonly user: User;
    readonly sessionId: string;
    readonly amr: readonly string[];
    readonly requiredAcr: string;
  },
  context: SignInContext,
): Promise<SignInOutcome> {
  const { user, sessionId, amr, requiredAcr } = running;
  const state: SignInState = {
    userId: user._id,
    amr: [...amr],
    startedAt: deps.clock(),
    requiredAcr,
    sessionId,
    ...(user.passwordChangedAt ? { passwordChangedAt: user.passwordChangedAt } : {}),
  };
  return askForFactor(deps, user, state, context);
}

async function replacePassword(
  deps: SignInDeps,
  { _id: userId }: User,
  { password, newPassword }: { readonly password: string; readonly newPassword?: string | null | undefined },
  { origin }: SignInContext,
): Promise<User> {
  const change = { userId, currentPassword: password, newPassword: newPassword ?? '', keepSessionId: null };
  await changePassword(deps, change, origin);
  const user = await deps.models.users.findOne({ _id: userId }).lean<User>();
  if (!user) throw new AppError('INVALID_CREDENTIALS', `user ${userId} is gone`);
  return user;
}

async function goOn(
  deps: SignInDeps,
  user: User,
  state: SignInState,
  context: SignInContext,
): Promise<SignInOutcome> {
  const acr = acrOf(state.amr);
  const enough = reachesAcr(acr, state.requiredAcr);
  const proved = { kind: 'proved', user, amr: state.amr, acr, sessionId: null, trustedDevice: null } as const;
  // A key that verified its user is two factors already.
  if (enough && acr !== 'aal1') return proved;
  const factors = await confirmedFactors(deps, user._id);
  if (enough && factors.length === 0) return proved;
  if (enough && (await isTrustedDevice(deps, user._id, context.trustedDevice))) return proved;
  return askForFactor(deps, user, state, context, factors);
}

/** Asks for one of the factors that reach the demanded level together with what was proved. */
export async function askForFactor(
  deps: SignInDeps,
  user: User,
  state: SignInState,
  context: SignInContext,
  known?: readonly Factor[],
): Promise<SignInOutcome> {
  const factors = known ?? (await confirmedFactors(deps, user._id));
  const transaction = await openTransaction(deps, state, context.binding);
  const helpful = factors.filter(({ kind }) =>
    reachesAcr(acrOf([...state.amr, ...methodsOf(kind)]), state.requiredAcr),
  );
  if (helpful.length === 0) return { kind: 'enrolmentRequired', requiredAcr: state.requiredAcr, transaction };
  return {
    kind: 'factorRequired',
    transaction,
    factors: await optionsOf(deps, user, helpful),
    chosen: null,
    wrongAnswer: false,
  };
}
