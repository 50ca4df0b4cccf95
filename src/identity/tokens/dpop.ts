import { createPublicKey, hash, type KeyObject } from 'node:crypto';
import {
  calculateJwkThumbprint,
  decodeProtectedHeader,
  errors,
  type JWK,
  type JWTPayload,
  jwtVerify,
} from 'jose';
import { LRUCache } from 'lru-cache';
import { AppError } from '../../errors.js';
import type { Deps } from '../deps.js';
import { dpopNonceLifeSeconds, isLivingDpopNonce } from './dpopNonce.js';
import type { ProofPlace, SenderEvidence } from './sender.js';
import { CLIENT_SIGNATURE_ALGORITHMS } from './signatureAlgorithms.js';
import { normaliseUri } from './targetUri.js';

export type DpopDeps = Pick<Deps, 'clock' | 'config' | 'ephemeral' | 'secrets'>;

interface ProofKey {
  readonly key: KeyObject;
  readonly thumbprint: string;
}

const TYP = 'dpop+jwt';
const LONGEST_PROOF_CHARACTERS = 8192;
const LONGEST_JTI_CHARACTERS = 512;
/** RFC 7518 §6: what makes a JWK private or symmetric. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const PUBLIC_KEY_TYPES: ReadonlySet<unknown> = new Set(['EC', 'OKP', 'RSA']);

/** A browser proves each of its requests with one key: reading it once is enough. Of the text alone, so good for all. */
const knownKeys = new LRUCache<string, ProofKey>({ max: 1000 });

/**
 * Checks the DPoP proof of a request (RFC 9449 §4.3) and returns the thumbprint of its key (§6.1). `accessToken`: the
 * proof must be made for it. The order is that of the costs; the memory of seen proofs comes last, so that only whoever
 * has the key can fill it.
 * @throws AppError INVALID_DPOP_PROOF, USE_DPOP_NONCE; UNAVAILABLE when it cannot be told whether the proof was seen
 */
export async function verifyDpopProof(
  deps: DpopDeps,
  evidence: SenderEvidence,
  place: ProofPlace,
  accessToken?: string,
): Promise<string> {
  const { dpop } = evidence;
  if (dpop === undefined || dpop.length > LONGEST_PROOF_CHARACTERS)
    throw invalid('there is none, or it is too long');
  const { key, thumbprint } = await readKey(dpop);
  const claims = await verifySignature(deps, dpop, key);
  assertRequest(claims, evidence);
  if (accessToken !== undefined && claims['ath'] !== hash('sha256', accessToken, 'base64url')) {
    throw invalid('ath is not the hash of the access token');
  }
  const memorySeconds = assertFresh(deps, claims, place);
  await assertFirstUse(deps, thumbprint, claims.jti, memorySeconds);
  return thumbprint;
}

/** RFC 9449 §4.3 (4), (5), (7): an asymmetric algorithm, and a key that is public. */
async function readKey(proof: string): Promise<ProofKey> {
  const { alg, jwk, typ } = readHeader(proof);
  if (typ !== TYP) throw invalid('typ is not dpop+jwt');
  if (alg === undefined || !CLIENT_SIGNATURE_ALGORITHMS.includes(alg))
    throw invalid('the algorithm is not allowed');
  if (jwk === undefined || !PUBLIC_KEY_TYPES.has(jwk.kty)) throw invalid('jwk is not an asymmetric key');
  if (PRIVATE_MEMBERS.some((name) => name in jwk)) throw invalid('jwk holds a private key');
  const text = JSON.stringify(jwk);
  const known = knownKeys.get(text);
  if (known) return known;
  const read = await importKey(jwk);
  knownKeys.set(text, read);
  return read;
}

async function importKey(jwk: JWK): Promise<ProofKey> {
  try {
    const thumbprint = await calculateJwkThumbprint(jwk, 'sha256');
    return { thumbprint, key: createPublicKey({ key: { ...jwk }, format: 'jwk' }) };
  } catch (cause) {
    throw invalid('jwk is not a key', cause);
  }
}

function readHeader(proof: string): { alg?: string; typ?: string; jwk?: JWK } {
  try {
    const { alg, typ, jwk } = decodeProtectedHeader(proof);
    return {
      ...(typeof alg === 'string' && { alg }),
      ...(typeof typ === 'string' && { typ }),
      ...(typeof jwk === 'object' && jwk !== null && { jwk }),
    };
  } catch (cause) {
    throw invalid('it is no JWT', cause);
  }
}

async function verifySignature(deps: DpopDeps, proof: string, key: KeyObject): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(proof, key, {
      algorithms: [...CLIENT_SIGNATURE_ALGORITHMS],
      typ: TYP,
      requiredClaims: ['jti', 'htm', 'htu', 'iat'],
      // A proof needs neither `exp` nor `nbf`; where they stand they count. `assertFresh` judges `iat`.
      currentDate: deps.clock(),
      clockTolerance: deps.config.dpop.proofTtlSeconds,
    });
    return payload;
  } catch (cause) {
    if (cause instanceof errors.JOSEError || cause instanceof TypeError) throw invalid(cause.message, cause);
    throw cause;
  }
}

/** RFC 9449 §4.3 (8), (9). */
function assertRequest(claims: JWTPayload, { method, urls }: SenderEvidence): void {
  if (claims['htm'] !== method) throw invalid('htm is not the method of the request');
  const { htu } = claims;
  const meant = typeof htu === 'string' ? normaliseUri(htu) : null;
  if (meant === null || !urls.includes(meant)) throw invalid('htu is not the address of the request');
}

/**
 * RFC 9449 §4.3 (10), (11): a nonce of ours tells the time better than the clock of the caller, which may be wrong
 * (§11.1); without one, `iat` must be near. Returns for how many seconds the proof could be shown again.
 */
function assertFresh(deps: DpopDeps, claims: JWTPayload, place: ProofPlace): number {
  const { nonce, iat } = claims;
  if (typeof nonce === 'string') {
    if (!isLivingDpopNonce(deps, nonce)) throw nonceWanted('the nonce is not one of ours, or is over');
    return dpopNonceLifeSeconds(deps);
  }
  if (demandsNonce(deps.config, place)) throw nonceWanted('the proof has no nonce');
  const { proofTtlSeconds } = deps.config.dpop;
  const age = deps.clock().getTime() / 1000 - (iat ?? Number.NaN);
  if (!(Math.abs(age) <= proofTtlSeconds)) throw invalid('iat is too old, or in the future');
  return Math.ceil(proofTtlSeconds - age) + 1;
}

/** RFC 9449 §11.1: one use of each `jti`, as long as the proof would be accepted otherwise. */
async function assertFirstUse(
  deps: DpopDeps,
  thumbprint: string,
  jti: unknown,
  memorySeconds: number,
): Promise<void> {
  if (typeof jti !== 'string' || jti === '' || jti.length > LONGEST_JTI_CHARACTERS)
    throw invalid('jti is unusable');
  const key = `dpop:${hash('sha256', `${thumbprint} ${jti}`, 'base64url')}`;
  if (await deps.ephemeral.setIfAbsent(key, '1', memorySeconds)) return;
  throw invalid('it was used before');
}

/** Whether a proof without a nonce is refused there. */
export function demandsNonce({ dpop }: Pick<Deps['config'], 'dpop'>, place: ProofPlace): boolean {
  return (
    dpop.requireNonce === 'always' || (dpop.requireNonce === 'tokens' && place === 'authorizationServer')
  );
}

function invalid(reason: string, cause?: unknown): AppError {
  return new AppError('INVALID_DPOP_PROOF', `DPoP proof: ${reason}`, { cause });
}

function nonceWanted(reason: string): AppError {
  return new AppError('USE_DPOP_NONCE', `DPoP proof: ${reason}`);
}
