import { createHmac, hash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Confirmation, ConfirmationKind } from '../../models/confirmation.js';
import { isDuplicateKey } from '../../models/duplicateKey.js';
import type { Deps } from '../deps.js';

export type ProofDeps = Pick<Deps, 'models' | 'clock' | 'secrets'>;

/** Wrong codes that one proof bears. */
const CODE_ATTEMPTS = 5;
/** A target may have proofs of several accounts (two people ask for one address); more are not looked at. */
const CANDIDATES = 5;
const NOBODY_TTL_MILLISECONDS = 86_400_000;

/** What is mailed or texted, and stored nowhere. */
export interface Proof {
  /** `<confirmation id>.<secret>`, for a link. */
  token: string;
  /** Digits to type. */
  code: string;
}

interface ProofRequest {
  kind: ConfirmationKind;
  userId: string;
  target: string;
  ttlSeconds: number;
  codeDigits: 6 | 8;
  /** Kinds that this proof replaces beside its own, for the same account and target. */
  supersedes?: readonly ConfirmationKind[];
  /** False: nobody will be written to, so it replaces none and goes at once, for the same work. Absent: true. */
  isSent?: boolean;
}

/** What is stored of a secret of 256 bits. */
export const tokenHashOf = (secret: string) => hash('sha256', secret, 'base64url');

/** Keyed, so that a leaked database allows no search of 10^6 codes; over the id, so that equal codes look different. */
const codeHashOf = (deps: Pick<Deps, 'secrets'>, id: string, code: string) =>
  createHmac('sha256', deps.secrets.derive('confirmation code')).update(`${id}:${code}`).digest('base64url');

const equal = (a: string, b: string) =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** The two secrets of a proof and what is stored of them. */
export function makeSecrets(
  deps: Pick<Deps, 'secrets'>,
  id: string,
  codeDigits: 6 | 8,
): Proof & Required<Pick<Confirmation, 'tokenHash' | 'codeHash'>> {
  const secret = randomBytes(32).toString('base64url');
  const code = String(randomInt(10 ** codeDigits)).padStart(codeDigits, '0');
  return {
    token: `${id}.${secret}`,
    code,
    tokenHash: tokenHashOf(secret),
    codeHash: codeHashOf(deps, id, code),
  };
}

/** Whether this code was sent; blanks and dashes that people type do not count. Constant time. */
export function isCodeOf(
  deps: Pick<Deps, 'secrets'>,
  { _id, codeHash }: Pick<Confirmation, '_id' | 'codeHash'>,
  code: string,
): boolean {
  return !!codeHash && equal(codeHash, codeHashOf(deps, _id, digitsOf(code)));
}

const digitsOf = (code: string) => (typeof code === 'string' ? code.replace(/[\s-]/g, '') : '');

/** Makes a proof; older ones for the same purpose, account and target stop working. */
export async function createProof(deps: ProofDeps, request: ProofRequest): Promise<Proof> {
  const { kind, userId, target, isSent = true } = request;
  const now = deps.clock();
  const id = uuidv7();
  const { token, code, tokenHash, codeHash } = makeSecrets(deps, id, request.codeDigits);
  await deps.models.confirmations.create({
    _id: id,
    kind,
    userId,
    target,
    tokenHash,
    codeHash,
    attemptsLeft: CODE_ATTEMPTS,
    expiresAt: new Date(now.getTime() + request.ttlSeconds * 1000),
  });
  // After the insert: of two made at once at most one survives, and never none.
  const kinds = [kind, ...(request.supersedes ?? [])];
  await deps.models.confirmations.deleteMany({
    userId,
    target,
    kind: { $in: kinds },
    usedAt: null,
    _id: isSent ? { $lt: id } : id,
  });
  return { token, code };
}

function tokenFilter(deps: ProofDeps, kinds: readonly ConfirmationKind[], token: string) {
  const [id, secret, ...rest] = typeof token === 'string' && token.length < 200 ? token.split('.') : [];
  if (!id || !secret || rest.length > 0) return null;
  return {
    _id: id,
    kind: { $in: [...kinds] },
    tokenHash: tokenHashOf(secret),
    usedAt: null,
    expiresAt: { $gt: deps.clock() },
  };
}

/** Looks at the proof of a link without using it up. */
export async function peekProof(
  deps: ProofDeps,
  kinds: readonly ConfirmationKind[],
  token: string,
): Promise<Confirmation | null> {
  const filter = tokenFilter(deps, kinds, token);
  return filter === null ? null : deps.models.confirmations.findOne(filter).lean<Confirmation>();
}

/** Uses up the proof of a link: of any number of callers exactly one gets it, the others null. */
export async function useProofByToken(
  deps: ProofDeps,
  kinds: readonly ConfirmationKind[],
  token: string,
): Promise<Confirmation | null> {
  const filter = tokenFilter(deps, kinds, token);
  if (filter === null) return null;
  return deps.models.confirmations
    .findOneAndUpdate(filter, { $set: { usedAt: deps.clock() } }, { returnDocument: 'after' })
    .lean<Confirmation>();
}

/** Uses up the proof of a typed code. An attempt is taken before the code is looked at, so parallel guesses share them. */
export async function useProofByCode(
  deps: ProofDeps,
  kinds: readonly ConfirmationKind[],
  target: string,
  code: string,
): Promise<Confirmation | null> {
  const proof = await matchProofByCode(deps, kinds, target, code);
  return proof && useProof(deps, proof);
}

/** The proof that a typed code is of, not used up yet; an attempt is taken from every one that it could be of. */
export async function matchProofByCode(
  deps: ProofDeps,
  kinds: readonly ConfirmationKind[],
  target: string,
  code: string,
): Promise<Confirmation | null> {
  const { confirmations } = deps.models;
  if (!/^\d{6,8}$/.test(digitsOf(code))) return null;
  const open = { usedAt: null, attemptsLeft: { $gt: 0 }, expiresAt: { $gt: deps.clock() } };
  const candidates = await confirmations
    .find({ kind: { $in: [...kinds] }, target, ...open })
    .sort({ _id: -1 })
    .limit(CANDIDATES)
    .select('_id')
    .lean<Pick<Confirmation, '_id'>[]>();
  if (candidates.length === 0) await chargeNobody(deps, target);
  for (const { _id } of candidates) {
    const charged = await confirmations
      .findOneAndUpdate({ _id, ...open }, { $inc: { attemptsLeft: -1 } }, { returnDocument: 'after' })
      .lean<Confirmation>();
    if (charged && isCodeOf(deps, charged, code)) return charged;
  }
  return null;
}

/** Uses up a proof that was matched: of any number of callers exactly one gets it, the others null. */
export async function useProof(
  deps: ProofDeps,
  { _id }: Pick<Confirmation, '_id'>,
): Promise<Confirmation | null> {
  const now = deps.clock();
  return deps.models.confirmations
    .findOneAndUpdate(
      { _id, usedAt: null, expiresAt: { $gt: now } },
      { $set: { usedAt: now } },
      { returnDocument: 'after' },
    )
    .lean<Confirmation>();
}

/**
 * The write that a wrong code costs where one was sent: that nothing waits at a target must not show in the time, else
 * whoever signs up with somebody's address learns whether it had an account before.
 */
async function chargeNobody({ models, clock, secrets }: ProofDeps, target: string): Promise<void> {
  const name = createHmac('sha256', secrets.derive('confirmation code')).update(`nobody:${target}`);
  // One of 16: they are no list of what was asked for.
  const _id = `nobody-${name.digest('hex').slice(0, 1)}`;
  const expiresAt = new Date(clock().getTime() + NOBODY_TTL_MILLISECONDS);
  await models.confirmations
    .findOneAndUpdate({ _id }, { $inc: { attemptsLeft: -1 }, $set: { expiresAt } }, { upsert: true })
    .lean()
    .catch((error: unknown) => {
      // Two made it at once.
      if (!isDuplicateKey(error)) throw error;
    });
}

/** Voids what is still open, of every kind or of some: after a password change no older link may change the account. */
export async function voidProofs(
  deps: Pick<Deps, 'models'>,
  userId: string,
  kinds?: readonly ConfirmationKind[],
): Promise<void> {
  const ofKinds = kinds ? { kind: { $in: [...kinds] } } : {};
  await deps.models.confirmations.deleteMany({ userId, usedAt: null, ...ofKinds });
}
