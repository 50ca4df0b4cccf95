import type { SignInTransaction } from '../../models/signInTransaction.js';
import type { User } from '../../models/user.js';
import { useProofByCode } from '../accounts/oneTimeProof.js';
import { sendFactorCode } from '../factors/messageCodes.js';
import { hintOf } from './factorOptions.js';
import type { FactorAnswer, SignInContext, SignInDeps, SignInOutcome } from './outcome.js';
import { nextTransaction, openTransaction, type SignInState } from './transactions.js';

/** In place of the id of a factor: a code to the confirmed e-mail address of an account that has no factor. */
const RISK_CODE_ID = 'riskCode';

/** Whether an account without factors can be asked for a code. */
export const takesRiskCode = (user: User): boolean => user.emailVerified && !!user.emailNormalized;

/** Asks the owner of an account without factors for a code, because too much speaks against the sign-in. */
export async function askForRiskCode(
  deps: SignInDeps,
  user: User,
  state: SignInState,
  context: SignInContext,
): Promise<SignInOutcome> {
  return question(user, await openTransaction(deps, { ...state, challenged: true }, context.binding), null);
}

/** Sends the code; not more often than that of a factor. */
export async function sendRiskCode(
  deps: SignInDeps,
  user: User,
  taken: SignInTransaction,
  context: SignInContext,
): Promise<SignInOutcome> {
  await sendFactorCode(deps, user, {
    _id: proofTarget(user),
    kind: 'email',
    target: user.emailNormalized ?? '',
  });
  const change = { factorId: RISK_CODE_ID };
  return question(user, await nextTransaction(deps, taken, context.binding, change), RISK_CODE_ID);
}

/** The code may be typed again. */
export async function askForRiskCodeAgain(
  deps: SignInDeps,
  user: User,
  taken: SignInTransaction,
  context: SignInContext,
): Promise<SignInOutcome> {
  const transaction = await nextTransaction(deps, taken, context.binding, { wrongAnswer: true });
  return { ...question(user, transaction, taken.factorId ?? null), wrongAnswer: true };
}

/** Uses up the code that was sent. It proves that the owner reads their mail, and raises no level. */
export async function isRiskCode(deps: SignInDeps, user: User, answer: FactorAnswer): Promise<boolean> {
  if (!('code' in answer)) return false;
  const taken = await useProofByCode(deps, ['factor'], proofTarget(user), answer.code);
  return taken?.userId === user._id;
}

function question(
  user: User,
  transaction: string,
  chosen: string | null,
): Extract<SignInOutcome, { kind: 'factorRequired' }> {
  const option = { id: RISK_CODE_ID, kind: 'email', name: 'E-mail', hint: hintOf(user, 'email') } as const;
  return {
    kind: 'factorRequired',
    transaction,
    factors: [option],
    chosen: chosen === null ? null : { id: chosen, challenge: null },
    wrongAnswer: false,
  };
}

const proofTarget = ({ _id }: User) => `risk:${_id}`;
