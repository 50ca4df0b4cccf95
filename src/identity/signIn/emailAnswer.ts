import { AppError } from '../../errors.js';
import type { Confirmation } from '../../models/confirmation.js';
import type { User } from '../../models/user.js';
import { attemptsKey } from '../accounts/attempts.js';
import { identifierFilter } from '../accounts/lookup.js';
import { noteSignIn } from '../accounts/noteSignIn.js';
import { obstacleError, obstacleOf } from '../accounts/obstacles.js';
import { isCodeOf, peekProof, useProof, useProofByToken } from '../accounts/oneTimeProof.js';
import { assertMayTry, countWrong, forgetWrong, type GuardedAttempt } from '../defence/signInGate.js';
import { nameAttempt } from '../defence/signInLock.js';
import type { RequestOrigin } from '../ports.js';
import { assessRisk } from '../risk/assessRisk.js';
import { startAgain } from './binding.js';
import { askForMailedCode, identifierOf } from './emailSignIn.js';
import { BY_MAIL } from './levels.js';
import { findMailedStep, isBoundTo, takeMailedStep, wantedOf } from './mailedStep.js';
import { noteRefusal } from './noteRefusal.js';
import type { SignInContext, SignInDeps, SignInOutcome } from './outcome.js';
import { goOn, newState } from './signIn.js';

/**
 * Judges the code of a letter. It is guessed like a password, so wrong ones are counted, limited and locked like wrong
 * passwords: at an address of nobody too, and not against devices that the account knows.
 * @throws AppError INVALID_GRANT when nothing waits for it here, ACCOUNT_LOCKED, RATE_LIMITED, INVALID_CREDENTIALS,
 * CONFIRMATION_REQUIRED
 */
export async function answerMailedCode(
  deps: SignInDeps,
  given: { readonly transaction: string; readonly code: string },
  context: SignInContext,
): Promise<SignInOutcome> {
  const { binding, origin } = context;
  if (!deps.config.factors.emailSignIn.includes('code')) throw startAgain('codes are switched off');
  const waiting = await findMailedStep(deps, given.transaction, binding);
  const attempt = await attemptAt(deps, waiting.target, origin);
  // Before the step is taken: whoever must wait goes on with the same letter afterwards.
  await assertMayTry(deps, attempt);
  const { step, next } = await takeMailedStep(deps, given.transaction, binding, 'answer');
  if (!isCodeOf(deps, step, given.code)) {
    await countWrong(deps, attempt);
    await noteRefusal(deps, { userId: attempt.userId, origin }, 'wrongMailedCode');
    return askForMailedCode(next, true);
  }
  await forgetWrong(deps, attempt);
  return goOnFrom(deps, await useProof(deps, step), context);
}

/**
 * Whom a link would sign in, here; null: it was asked for in another browser. It stays open, for scanners of mail fetch
 * links before their readers do. @throws AppError CODE_INVALID when it is used, expired or was never sent
 */
export async function peekMailedLink(
  deps: SignInDeps,
  token: string,
  binding: string,
): Promise<{ readonly email: string } | null> {
  const isOn = deps.config.factors.emailSignIn.includes('link');
  const proof = isOn ? await peekProof(deps, ['signIn'], token) : null;
  if (!proof) throw new AppError('CODE_INVALID', 'no open link matches');
  return isBoundTo(proof, binding) ? { email: proof.target } : null;
}

/**
 * Signs in by the link of a letter, in the browser that asked for it and in no other: whoever sends somebody else's link
 * around, or their own, gains nothing. It cannot be guessed, so that failures of others do not lock it.
 * @throws AppError CODE_INVALID, INVALID_GRANT, ACCOUNT_LOCKED, INVALID_CREDENTIALS, CONFIRMATION_REQUIRED
 */
export async function signInByMailedLink(
  deps: SignInDeps,
  token: string,
  context: SignInContext,
): Promise<SignInOutcome> {
  if (!(await peekMailedLink(deps, token, context.binding))) {
    throw new AppError('INVALID_GRANT', 'the link was asked for in another browser');
  }
  return goOnFrom(deps, await useProofByToken(deps, ['signIn'], token), context);
}

/**
 * The letter was answered: goes on as after a password in a browser that nobody trusts. An account without another factor
 * is challenged by nothing more, for a code from its mail is what was shown.
 */
async function goOnFrom(
  deps: SignInDeps,
  used: Confirmation | null,
  context: SignInContext,
): Promise<SignInOutcome> {
  if (!used?.signIn) throw startAgain('another answer was faster');
  const user = await ownerOf(deps, used, context.origin);
  const risk = await assessRisk(deps, { user }, context.origin);
  if (risk.outcome === 'deny') {
    throw new AppError('INVALID_CREDENTIALS', `the risk of a sign-in of user ${user._id} is too high`);
  }
  const wanted = wantedOf(used.signIn);
  const state = newState(deps, user, [BY_MAIL], wanted);
  // Whoever has the owner's browser often has the owner's mail: the factor is what is left to stop them.
  return goOn(deps, user, state, { ...context, trustedDevice: undefined }, wanted);
}

/** The account, unless what the letter relied on has changed since. Notes the sign-in. */
async function ownerOf(deps: SignInDeps, used: Confirmation, origin: RequestOrigin): Promise<User> {
  const user = await deps.models.users
    .findOne({ _id: used.userId, emailNormalized: used.target, emailVerified: true })
    .lean<User>();
  const changes = [user?.passwordChangedAt, user?.tokensValidAfter];
  if (!user || changes.some((at) => at && at > used.createdAt)) {
    throw startAgain(`user ${used.userId} has changed since the letter was asked for`);
  }
  const obstacle = obstacleOf(deps, user);
  if (obstacle !== null) {
    await noteRefusal(deps, { userId: user._id, origin }, obstacle);
    throw obstacleError(user._id, obstacle);
  }
  const judged = {
    emailNormalized: used.target,
    emailVerified: true,
    passwordChangedAt: user.passwordChangedAt ?? null,
    tokensValidAfter: user.tokensValidAfter ?? null,
  };
  const entered = await noteSignIn(deps, user, judged);
  if (!entered) throw startAgain(`user ${used.userId} changed at this moment`);
  return entered;
}

/**
 * Whose failure a wrong code would be: under the name that a password for this address has at this moment, looked up
 * for each answer. A letter may not be written yet, and what it finds out then must not show in what was locked before.
 */
async function attemptAt(deps: SignInDeps, email: string, origin: RequestOrigin): Promise<GuardedAttempt> {
  const identifier = identifierOf(email);
  const user = await deps.models.users
    .findOne(identifierFilter(identifier, deps.clock()))
    .select('_id')
    .lean<Pick<User, '_id'>>();
  const names = await nameAttempt(deps, attemptsKey(deps, user, identifier, email), origin);
  const userId = user?._id ?? null;
  return { names, userId, note: (reason) => noteRefusal(deps, { userId, origin }, reason) };
}
