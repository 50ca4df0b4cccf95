import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Confirmation, MailedSignIn } from '../../models/confirmation.js';
import { makeSecrets, type Proof, type ProofDeps, tokenHashOf } from '../accounts/oneTimeProof.js';
import type { Deps } from '../deps.js';
import { bindingHashOf, startAgain } from './binding.js';
import type { WantedLevel } from './outcome.js';

/** Wrong codes that one sign-in bears, however many letters it asks for. */
const ATTEMPTS = 5;
/** More than of a second factor: the code stands alone. */
const CODE_DIGITS = 8;
const SECRET_BYTES = 32;
const TRANSACTION = /^([0-9a-f-]{36})\.([A-Za-z0-9_-]{43})$/;

type StepDeps = ProofDeps & Pick<Deps, 'config'>;

/** A sign-in that waits for its letter. */
export type MailedStep = Confirmation & { readonly signIn: MailedSignIn };

/** What a letter holds. */
export interface Ways {
  readonly code: boolean;
  readonly link: boolean;
}

/** Whether a transaction waits for a letter: those after the first proof are one word. */
export function isMailedTransaction(transaction: string): boolean {
  return TRANSACTION.test(transaction);
}

/**
 * Keeps a sign-in that has been asked for, as that of nobody: `giveMailedStep` says whose it is. `binding` is what only
 * its browser or program can show again.
 */
export async function openMailedStep(
  deps: StepDeps,
  asked: { readonly email: string; readonly wanted: WantedLevel },
  ways: Ways,
  binding: string,
): Promise<{ id: string; transaction: string; letter: Proof }> {
  const id = uuidv7();
  const step = randomBytes(SECRET_BYTES).toString('base64url');
  const { letter, stored } = newLetter(deps, id, ways);
  const { clientId, requiredAcr, wishedAcrs } = asked.wanted;
  await deps.models.confirmations.create({
    _id: id,
    kind: 'signIn',
    userId: uuidv7(),
    target: asked.email,
    attemptsLeft: ATTEMPTS,
    ...stored,
    signIn: {
      stepHash: tokenHashOf(step),
      binding: bindingHashOf(binding),
      mailedAt: deps.clock(),
      ...(clientId !== undefined && { clientId }),
      ...(requiredAcr !== undefined && { requiredAcr }),
      ...(wishedAcrs !== undefined && { wishedAcrs: [...wishedAcrs] }),
    },
  });
  return { id, transaction: `${id}.${step}`, letter };
}

/** Makes a sign-in that of an account, which is written to next. */
export async function giveMailedStep(deps: Pick<Deps, 'models'>, id: string, userId: string): Promise<void> {
  await deps.models.confirmations.updateOne({ _id: id, usedAt: null }, { $set: { userId } });
}

/** What waits under a transaction. @throws AppError INVALID_GRANT when it is unknown, over, answered or of another browser */
export async function findMailedStep(
  deps: StepDeps,
  transaction: string,
  binding: string,
): Promise<MailedStep> {
  const step = await deps.models.confirmations.findOne(openAt(deps, transaction, binding)).lean<MailedStep>();
  if (!step) throw startAgain('no sign-in waits for a letter under this token');
  return step;
}

/**
 * Takes the step that a transaction stands for, and for an answer one of its attempts: of any number of callers exactly
 * one gets it, with the transaction of the next. @throws AppError INVALID_GRANT
 */
export async function takeMailedStep(
  deps: StepDeps,
  transaction: string,
  binding: string,
  use: 'answer' | 'resend',
): Promise<{ step: MailedStep; next: string }> {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const step = await deps.models.confirmations
    .findOneAndUpdate(
      openAt(deps, transaction, binding),
      {
        $set: { 'signIn.stepHash': tokenHashOf(secret) },
        $inc: { attemptsLeft: use === 'answer' ? -1 : 0 },
      },
      { returnDocument: 'after' },
    )
    .lean<MailedStep>();
  if (!step) throw startAgain('no sign-in waits for a letter under this token');
  return { step, next: `${step._id}.${secret}` };
}

/** Another letter for the same sign-in: what was in the one before works no more. Null: it is over. */
export async function renewLetter(deps: StepDeps, { _id }: MailedStep, ways: Ways): Promise<Proof | null> {
  const { letter, stored } = newLetter(deps, _id, ways);
  const { modifiedCount } = await deps.models.confirmations.updateOne(
    { _id, usedAt: null },
    { $set: { ...stored, 'signIn.mailedAt': deps.clock() } },
  );
  return modifiedCount === 1 ? letter : null;
}

/** Whether a sign-in was asked for where `binding` is from. */
export function isBoundTo({ signIn }: Confirmation, binding: string): boolean {
  return signIn?.binding === bindingHashOf(binding);
}

/** Where the sign-in leads to. */
export function wantedOf({ clientId, requiredAcr, wishedAcrs }: MailedSignIn): WantedLevel {
  return {
    clientId: clientId ?? undefined,
    requiredAcr: requiredAcr ?? undefined,
    wishedAcrs: wishedAcrs ?? undefined,
  };
}

function newLetter(deps: StepDeps, id: string, ways: Ways) {
  const { token, code, tokenHash, codeHash } = makeSecrets(deps, id, CODE_DIGITS);
  const expiresAt = new Date(deps.clock().getTime() + deps.config.factors.emailSignInTtlSeconds * 1000);
  const stored = { expiresAt, ...(ways.code && { codeHash }), ...(ways.link && { tokenHash }) };
  return { letter: { token, code }, stored };
}

function openAt(deps: Pick<Deps, 'clock'>, transaction: string, binding: string) {
  const [, id = '', secret = ''] = TRANSACTION.exec(typeof transaction === 'string' ? transaction : '') ?? [];
  return {
    _id: id,
    kind: 'signIn' as const,
    'signIn.stepHash': tokenHashOf(secret),
    'signIn.binding': bindingHashOf(binding),
    usedAt: null,
    attemptsLeft: { $gt: 0 },
    expiresAt: { $gt: deps.clock() },
  };
}
