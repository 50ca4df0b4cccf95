import type { RegistrationResponseJSON } from '@simplewebauthn/server';
import { AppError, isAppError } from '../../errors.js';
import type { SignInTransaction } from '../../models/signInTransaction.js';
import type { User } from '../../models/user.js';
import { reaches } from '../../policies/requirement.js';
import { type AddedFactor, addFactor } from '../factors/addFactor.js';
import { confirmedFactors } from '../factors/factors.js';
import {
  beginMessageEnrolment,
  confirmMessageEnrolment,
  isByMessage,
  takesCodes,
} from '../factors/messageCodes.js';
import { beginPasskeyEnrolment, confirmPasskeyEnrolment } from '../factors/passkeys.js';
import { beginTotpEnrolment, confirmTotpEnrolment } from '../factors/totp.js';
import { hintOf, methodsOf } from './factorOptions.js';
import { acrOf, BY_MAIL } from './levels.js';
import type { EnrolmentKind, FactorAnswer, SignInContext, SignInDeps, SignInOutcome } from './outcome.js';
import { personOf } from './person.js';
import { nextTransaction, type SignInState, takeTransaction } from './transactions.js';

/** In the order in which they are offered. */
export const ENROLMENT_KINDS: readonly EnrolmentKind[] = ['totp', 'webauthn', 'sms', 'email'];

/**
 * Starts to set a factor up on the way in, where a level is demanded that the account does not reach: the transaction
 * stands in for the session that the person cannot have yet.
 * @throws AppError INVALID_GRANT, BAD_USER_INPUT for a kind that would not reach the level, or has nowhere to send codes to
 */
export async function beginEnrolment(
  deps: SignInDeps,
  step: { readonly transaction: string; readonly kind: EnrolmentKind },
  context: SignInContext,
): Promise<SignInOutcome> {
  const taken = await takeTransaction(deps, step.transaction, context.binding);
  const user = await personOf(deps, taken);
  await assertMayEnrol(deps, taken);
  const kinds = enrolmentKinds(user, taken);
  if (!kinds.includes(step.kind)) {
    throw new AppError('BAD_USER_INPUT', `${step.kind} does not reach ${taken.requiredAcr}`, {
      path: ['enroll'],
      publicMessage: 'This kind of factor cannot be set up here.',
    });
  }
  const { setUp, factorId } = await setUpOf(deps, user, step.kind);
  const change = { enrolling: step.kind, ...(factorId !== null && { factorId }) };
  return {
    kind: 'enrolmentRequired',
    requiredAcr: taken.requiredAcr,
    transaction: await nextTransaction(deps, taken, context.binding, change),
    kinds,
    setUp,
    wrongAnswer: false,
  };
}

/** Confirms the factor that is being set up; null: the answer is wrong. @throws AppError INVALID_GRANT, CONFLICT */
export async function confirmEnrolment(
  deps: SignInDeps,
  user: User,
  taken: SignInTransaction,
  answer: FactorAnswer,
  context: SignInContext,
): Promise<AddedFactor | null> {
  const by = { actor: { kind: 'user', id: user._id }, origin: context.origin } as const;
  const confirm = async () => {
    // Alone at work here: of two sign-ins that set a first factor up, the second shows that one first.
    await assertMayEnrol(deps, taken);
    if (taken.enrolling === 'totp' && 'code' in answer) {
      return confirmTotpEnrolment(deps, user._id, taken.factorId ?? '', answer.code);
    }
    if (isByMessage(taken.enrolling) && 'code' in answer) {
      return confirmMessageEnrolment(deps, user._id, taken.factorId ?? '', answer.code);
    }
    if (taken.enrolling === 'webauthn' && 'passkey' in answer) {
      const response = answer.passkey as unknown as RegistrationResponseJSON;
      return confirmPasskeyEnrolment(deps, user._id, 'Passkey', response);
    }
    throw new AppError('CODE_INVALID', 'an answer of another kind than what is being set up');
  };
  try {
    return await addFactor(deps, user, confirm, by);
  } catch (error) {
    if (isAppError(error, 'CODE_INVALID')) return null;
    throw error;
  }
}

/**
 * What may be set up: that which, with what was proved, reaches the level. Codes go to a confirmed contact only, and not
 * to the mailbox that was the first proof.
 */
export function enrolmentKinds(
  user: User,
  { amr, requiredAcr }: Pick<SignInState, 'amr' | 'requiredAcr'>,
): EnrolmentKind[] {
  const helps = (kind: EnrolmentKind) => reaches(acrOf([...amr, ...methodsOf(kind)]), requiredAcr);
  const isThere = (kind: EnrolmentKind) => !isByMessage(kind) || takesCodes(user, kind);
  return ENROLMENT_KINDS.filter(
    (kind) => helps(kind) && isThere(kind) && !(kind === 'email' && amr.includes(BY_MAIL)),
  );
}

/** What a person is shown once more after a wrong answer: where the code went; a seed never. */
export function setUpShownAgain(
  user: User,
  { enrolling }: Pick<SignInState, 'enrolling'>,
): Extract<SignInOutcome, { kind: 'enrolmentRequired' }>['setUp'] {
  return isByMessage(enrolling) ? { kind: enrolling, hint: hintOf(user, enrolling) } : null;
}

/** A running session sets factors up by the account's own means, which ask for a recent sign-in. */
export function isEnrolmentOpen(
  { amr, sessionId }: Pick<SignInState, 'amr' | 'sessionId'>,
  factorCount: number,
): boolean {
  return !sessionId && (factorCount === 0 || acrOf(amr) !== 'aal1');
}

/** Who has a factor has shown it: a password alone sets up no other. @throws AppError INVALID_GRANT */
async function assertMayEnrol(deps: SignInDeps, taken: SignInTransaction): Promise<void> {
  const factors = await confirmedFactors(deps, taken.userId);
  if (!taken.challenged && isEnrolmentOpen(taken, factors.length)) return;
  throw new AppError('INVALID_GRANT', `user ${taken.userId} has factors and has shown none`);
}

function setUpOf(deps: SignInDeps, user: User, kind: EnrolmentKind) {
  if (isByMessage(kind)) return setUpMessages(deps, user, kind);
  return kind === 'totp' ? setUpTotp(deps, user) : setUpPasskey(deps, user);
}

async function setUpMessages(deps: SignInDeps, user: User, kind: 'email' | 'sms') {
  const { _id: factorId } = await beginMessageEnrolment(deps, user, kind);
  return { factorId, setUp: { kind, hint: hintOf(user, kind) } as const };
}

async function setUpTotp(deps: SignInDeps, user: User) {
  const { factor, seed, otpauthUri, qrCodeSvg } = await beginTotpEnrolment(deps, user, 'Authenticator app');
  return { factorId: factor._id, setUp: { kind: 'totp', seed, otpauthUri, qrCodeSvg } as const };
}

async function setUpPasskey(deps: SignInDeps, user: User) {
  const options = await beginPasskeyEnrolment(deps, user);
  return { factorId: null, setUp: { kind: 'webauthn', options } as const };
}
