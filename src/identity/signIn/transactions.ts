import { randomBytes } from 'node:crypto';
import type { SignInTransaction } from '../../models/signInTransaction.js';
import { tokenHashOf } from '../accounts/oneTimeProof.js';
import type { Deps } from '../deps.js';
import { bindingHashOf, startAgain } from './binding.js';

/** How long a sign-in may take from its first proof to its session. */
const TTL_SECONDS = 900;
/** Wrong answers that one sign-in bears, over all factors. */
const ATTEMPTS = 5;
const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

type TransactionDeps = Pick<Deps, 'clock' | 'models'>;

/** What a sign-in carries from step to step. */
export type SignInState = Pick<
  SignInTransaction,
  | 'userId'
  | 'amr'
  | 'startedAt'
  | 'requiredAcr'
  | 'sessionId'
  | 'factorId'
  | 'challenge'
  | 'passwordChangedAt'
  | 'enrolling'
  | 'challenged'
  | 'tokenScopes'
  | 'newPasswordHash'
>;

/** Keeps a sign-in that has begun; `binding` is what only its browser or program can show again. Returns the token. */
export async function openTransaction(
  deps: TransactionDeps,
  state: SignInState,
  binding: string,
  attemptsLeft = ATTEMPTS,
): Promise<string> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  await deps.models.signInTransactions.create({
    ...state,
    _id: tokenHashOf(token),
    binding: bindingHashOf(binding),
    attemptsLeft,
    expiresAt: new Date(state.startedAt.getTime() + TTL_SECONDS * 1000),
  });
  return token;
}

/**
 * Takes the step that a token stands for: of any number of callers exactly one gets it. The next step has a token of
 * its own, so that nothing that passed by is worth anything again.
 * @throws AppError INVALID_GRANT when it is unknown, over, taken or of another browser
 */
export async function takeTransaction(
  deps: TransactionDeps,
  token: string,
  binding: string,
): Promise<SignInTransaction> {
  const now = deps.clock();
  const taken =
    typeof token === 'string' && TOKEN.test(token)
      ? await deps.models.signInTransactions
          .findOneAndUpdate(
            {
              _id: tokenHashOf(token),
              binding: bindingHashOf(binding),
              usedAt: null,
              expiresAt: { $gt: now },
            },
            { $set: { usedAt: now }, $unset: { newPasswordHash: 1 } },
            { returnDocument: 'before' },
          )
          .select('+newPasswordHash')
          .lean<SignInTransaction>()
      : null;
  if (taken && taken.attemptsLeft > 0) return taken;
  throw startAgain('no sign-in waits under this token');
}

/** The next step of a sign-in whose last token was taken. */
export function nextTransaction(
  deps: TransactionDeps,
  taken: SignInTransaction,
  binding: string,
  change: Partial<SignInState> & { wrongAnswer?: boolean } = {},
): Promise<string> {
  const { wrongAnswer, ...patch } = change;
  const { factorId, challenge, enrolling, challenged } = taken;
  const state = { ...stateOf(taken), factorId, challenge, enrolling, challenged };
  return openTransaction(
    deps,
    { ...withoutNulls(state), ...patch } as SignInState,
    binding,
    taken.attemptsLeft - (wrongAnswer ? 1 : 0),
  );
}

/** What a step hands on to the next that is not about the factor that was chosen. */
export function stateOf(taken: SignInTransaction): SignInState {
  const { userId, amr, startedAt, requiredAcr, sessionId, passwordChangedAt, tokenScopes, newPasswordHash } =
    taken;
  return {
    userId,
    amr,
    startedAt,
    requiredAcr,
    ...withoutNulls({ sessionId, passwordChangedAt, tokenScopes, newPasswordHash }),
  };
}

/**
 * Ends every sign-in of an account that is under way, but for what raises the session `keepSessionId`: what its first
 * proof relied on has changed.
 */
export async function endTransactions(
  deps: Pick<Deps, 'models'>,
  userId: string,
  keepSessionId: string | null = null,
): Promise<void> {
  const others = keepSessionId === null ? {} : { sessionId: { $ne: keepSessionId } };
  await deps.models.signInTransactions.deleteMany({ userId, ...others });
}

function withoutNulls<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, one]) => one !== null && one !== undefined),
  ) as Partial<T>;
}
