import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { AppError, isAppError } from '../../errors.js';
import type { Factor } from '../../models/factor.js';
import type { SignInTransaction } from '../../models/signInTransaction.js';
import type { User } from '../../models/user.js';
import { reaches } from '../../policies/requirement.js';
import { type FailureOutcome, forgetFailures, recordFailure } from '../accounts/attempts.js';
import { recordRefusal } from '../audit/refusals.js';
import { noteFactorChange } from '../factors/changes.js';
import { confirmedFactors } from '../factors/factors.js';
import { isByMessage, sendFactorCode, verifyFactorCode } from '../factors/messageCodes.js';
import { beginPasskeySignIn, verifyPasskey } from '../factors/passkeys.js';
import { countRecoveryCodes, takeRecoveryCode } from '../factors/recoveryCodes.js';
import { verifyTotp } from '../factors/totp.js';
import type { RequestOrigin } from '../ports.js';
import { concludeSignIn } from './conclude.js';
import { confirmEnrolment, enrolmentKinds, setUpShownAgain } from './enrol.js';
import { methodsOf, optionsOf, RECOVERY_CODE_ID, usableAfter } from './factorOptions.js';
import { acrOf, type Method, withMethods } from './levels.js';
import type { FactorAnswer, SignInContext, SignInDeps, SignInOutcome } from './outcome.js';
import { personOf } from './person.js';
import { askForRiskCodeAgain, isRiskCode, sendRiskCode } from './riskCode.js';
import { askForFactor } from './signIn.js';
import { nextTransaction, stateOf, takeTransaction } from './transactions.js';

/**
 * Chooses a factor: a code is sent, or a challenge made for a key.
 * @throws AppError INVALID_GRANT, BAD_USER_INPUT for a factor that the account does not have
 */
export async function chooseFactor(
  deps: SignInDeps,
  step: { readonly transaction: string; readonly factorId: string },
  context: SignInContext,
): Promise<SignInOutcome> {
  const taken = await takeTransaction(deps, step.transaction, context.binding);
  const user = await personOf(deps, taken);
  if (taken.challenged) return sendRiskCode(deps, user, taken, context);
  const factors = usableAfter(taken.amr, await confirmedFactors(deps, user._id));
  const factor = factors.find(({ _id }) => _id === step.factorId);
  if (!factor && step.factorId !== RECOVERY_CODE_ID) {
    throw new AppError('BAD_USER_INPUT', 'no such factor', {
      path: ['factorId'],
      publicMessage: 'There is no such factor.',
    });
  }
  if (factor && isByMessage(factor.kind)) await sendFactorCode(deps, user, factor);
  const chosen = await chosenOf(deps, user, step.factorId, factors);
  const transaction = await nextTransaction(deps, taken, context.binding, { factorId: step.factorId });
  return {
    kind: 'factorRequired',
    transaction,
    factors: await optionsOf(deps, user, factors),
    chosen,
    wrongAnswer: false,
  };
}

/**
 * Answers the factor that was chosen. A wrong answer costs one of five, counts against the account like a wrong
 * password, and leads to the same question under a new token.
 * @throws AppError INVALID_GRANT; ACCOUNT_LOCKED after too many wrong answers, or by an administrator
 */
export async function answerFactor(
  deps: SignInDeps,
  step: { readonly transaction: string; readonly answer: FactorAnswer; readonly trustThisDevice?: boolean },
  context: SignInContext,
): Promise<SignInOutcome> {
  const taken = await takeTransaction(deps, step.transaction, context.binding);
  const user = await personOf(deps, taken);
  const charge = await chargeAnswer(deps, user._id);
  const judged = await judge(deps, user, taken, step.answer, context);
  if (judged === null) return askAgain(deps, user, taken, context);
  // A burst of parallel guesses gains nothing from one of them being right.
  const locked = await forgetFailures(deps, failuresKey(user._id), charge);
  if (locked !== null) throw lockedOut(user._id, locked);
  const state = { ...stateOf(taken), amr: withMethods(taken.amr, judged.methods) };
  if (!reaches(acrOf(state.amr), taken.requiredAcr)) return askForFactor(deps, user, state, context);
  const mayTrust =
    step.trustThisDevice === true && !taken.challenged && deps.config.factors.trustedDeviceDays > 0;
  return concludeSignIn(deps, user, state, context, {
    recoveryCodes: judged.recoveryCodes,
    trustThisDevice: mayTrust,
  });
}

/** The same question once more, under a new token. */
async function askAgain(
  deps: SignInDeps,
  user: User,
  taken: SignInTransaction,
  context: SignInContext,
): Promise<SignInOutcome> {
  await noteWrongAnswer(deps, user, taken, context.origin);
  if (taken.challenged) return askForRiskCodeAgain(deps, user, taken, context);
  const transaction = await nextTransaction(deps, taken, context.binding, { wrongAnswer: true });
  if (taken.enrolling) {
    const kinds = enrolmentKinds(user, taken);
    const setUp = setUpShownAgain(user, taken);
    const { requiredAcr } = taken;
    return { kind: 'enrolmentRequired', requiredAcr, transaction, kinds, setUp, wrongAnswer: true };
  }
  const factors = usableAfter(taken.amr, await confirmedFactors(deps, user._id));
  return {
    kind: 'factorRequired',
    transaction,
    factors: await optionsOf(deps, user, factors),
    chosen: taken.factorId ? await chosenOf(deps, user, taken.factorId, factors) : null,
    wrongAnswer: true,
  };
}

/** A key needs a challenge, a new one each time; a code can be typed again. */
async function chosenOf(
  deps: SignInDeps,
  user: User,
  factorId: string,
  factors: readonly Factor[],
): Promise<Extract<SignInOutcome, { kind: 'factorRequired' }>['chosen']> {
  const kind = factors.find(({ _id }) => _id === factorId)?.kind;
  return { id: factorId, challenge: kind === 'webauthn' ? await beginPasskeySignIn(deps, user._id) : null };
}

/** What a right answer proves. */
interface Judged {
  readonly methods: readonly Method[];
  readonly recoveryCodes: readonly string[] | null;
}

const PROVES_NO_METHOD: Judged = { methods: [], recoveryCodes: null };

/** Null: the answer is wrong. */
async function judge(
  deps: SignInDeps,
  user: User,
  taken: SignInTransaction,
  answer: FactorAnswer,
  context: SignInContext,
): Promise<Judged | null> {
  if (taken.challenged) return (await isRiskCode(deps, user, answer)) ? PROVES_NO_METHOD : null;
  if (taken.enrolling) {
    const added = await confirmEnrolment(deps, user, taken, answer, context);
    return added && { methods: methodsOf(added.factor.kind), recoveryCodes: added.recoveryCodes };
  }
  const methods = await methodsProved(deps, user, taken, answer, context.origin);
  return methods && { methods, recoveryCodes: null };
}

/** The methods that an answer proves; null: it is wrong. */
async function methodsProved(
  deps: SignInDeps,
  user: User,
  taken: SignInTransaction,
  answer: FactorAnswer,
  origin: RequestOrigin,
): Promise<readonly Method[] | null> {
  if ('recoveryCode' in answer) return judgeRecoveryCode(deps, user, answer.recoveryCode, origin);
  if ('passkey' in answer) return judgePasskey(deps, user, answer.passkey);
  const factor = await deps.models.factors
    .findOne({ _id: taken.factorId ?? '', userId: user._id, confirmedAt: { $ne: null } })
    .lean<Factor>();
  if (!factor || factor.kind === 'webauthn') return null;
  const right =
    factor.kind === 'totp'
      ? await verifyTotp(deps, user._id, factor._id, answer.code)
      : await verifyFactorCode(deps, user._id, factor._id, answer.code);
  return right ? methodsOf(factor.kind) : null;
}

/** The owner hears of each that is used: a stolen sheet of paper shows by nothing else. */
async function judgeRecoveryCode(
  deps: SignInDeps,
  user: User,
  code: string,
  origin: RequestOrigin,
): Promise<readonly Method[] | null> {
  if (!(await takeRecoveryCode(deps, user._id, code))) return null;
  const left = await countRecoveryCodes(deps, user._id);
  const what = `A recovery code of your account was used; ${left} are left`;
  const change = { action: 'user.useRecoveryCode', what, after: { recoveryCodes: left } };
  await noteFactorChange(deps, user, change, { actor: { kind: 'user', id: user._id }, origin });
  return ['otp'];
}

async function judgePasskey(
  deps: SignInDeps,
  user: User,
  passkey: AuthenticationResponseJSON,
): Promise<readonly Method[] | null> {
  try {
    const { userVerified } = await verifyPasskey(deps, user._id, passkey);
    return userVerified ? ['hwk', 'user'] : ['hwk'];
  } catch (error) {
    if (isAppError(error, 'CODE_INVALID')) return null;
    throw error;
  }
}

/** Apart from wrong passwords: who does not know the password cannot lock anybody out here. */
const failuresKey = (userId: string) => `factor:${userId}`;

const lockedOut = (userId: string, seconds: number) =>
  new AppError('ACCOUNT_LOCKED', `too many wrong answers to the factors of user ${userId}`, {
    retryAfterSeconds: seconds,
  });

/**
 * Counts an answer as a failure before it is judged, since many may be judged at the same moment: only as many are as
 * the lockout allows.
 */
async function chargeAnswer(deps: SignInDeps, userId: string): Promise<FailureOutcome> {
  const charge = await recordFailure(deps, failuresKey(userId));
  if (charge.lockedSeconds !== null && !charge.setTheLock) throw lockedOut(userId, charge.lockedSeconds);
  return charge;
}

async function noteWrongAnswer(
  deps: SignInDeps,
  user: User,
  { factorId }: SignInTransaction,
  origin: RequestOrigin,
): Promise<void> {
  deps.metrics.failedSignIn('wrongFactor');
  await recordRefusal(deps, {
    action: 'user.proveFactor',
    outcome: 'denied',
    actor: { kind: 'anonymous' },
    origin,
    objectType: 'User',
    objectId: user._id,
    reason: `a wrong answer to factor ${factorId ?? 'none'}`,
  });
}
