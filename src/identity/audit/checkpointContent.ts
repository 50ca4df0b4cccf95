import { createHash } from 'node:crypto';
import { type CryptoKey, compactVerify, decodeProtectedHeader, importJWK, type JWK } from 'jose';
import { z } from 'zod';
import type { KeyRing } from '../deps.js';

/** What tells a checkpoint from every other JWT that is signed with the same keys. */
const TYP = 'audit-checkpoint+jwt';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const content = z.object({
  /** Its place in the list, from 1. */
  n: z.number().int().positive(),
  /** SHA-256 of the JWS before it, in hex; zeros for the first. */
  previous: hash,
  /** The last entry of each chain that has moved. `closed`: the writer writes no more to it. */
  heads: z.array(
    z.object({ chain: z.string(), sequence: z.number().int(), hash, closed: z.literal(true).optional() }),
  ),
  /** The first one of an installation that had entries already: these heads were taken from the database as found. */
  adopted: z.literal(true).optional(),
  /** Days before `before` are removed by retention, with the checkpoints up to `resumes`. */
  cut: z
    .object({
      before: z.string(),
      resumes: z.object({ n: z.number().int(), hash }),
      /** What the first entries of chains that go on after the cut point at. */
      starts: z.array(z.object({ chain: z.string(), previousHash: hash })),
    })
    .optional(),
});

/** What a checkpoint says, beside `iss` and `iat`. */
export type CheckpointContent = z.infer<typeof content>;
export type ChainHead = CheckpointContent['heads'][number];
export type RetentionCut = NonNullable<CheckpointContent['cut']>;

/** By what the next checkpoint, a log line and a file kept elsewhere name a checkpoint: SHA-256 of the JWS, in hex. */
export function checkpointHash(jws: string): string {
  return createHash('sha256').update(jws, 'utf8').digest('hex');
}

/** A JWS by the installation's current signing key. */
export function signCheckpoint(
  keys: Pick<KeyRing, 'sign'>,
  issuer: string,
  at: Date,
  said: CheckpointContent,
): Promise<string> {
  const claims = { iss: issuer, iat: Math.floor(at.getTime() / 1000), ...said };
  return keys.sign(claims, { typ: TYP });
}

/** What it says, whoever signed it; null when it is no checkpoint at all. */
export function readCheckpoint(jws: string): CheckpointContent | null {
  try {
    const [, payload = ''] = jws.split('.');
    return content.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
  } catch {
    return null;
  }
}

/** The `kid` of a JWS; null for what is none. */
export function signerOf(jws: string): string | null {
  try {
    return decodeProtectedHeader(jws).kid ?? null;
  } catch {
    return null;
  }
}

/**
 * Judges signatures by the published keys of now. `unknown`: by a key that is retired and gone, so that only the hash
 * in the checkpoint after it vouches for it.
 */
export class CheckpointJudge {
  readonly #jwks: ReadonlyMap<string, JWK>;
  readonly #imported = new Map<string, CryptoKey | Uint8Array>();

  constructor(keys: Pick<KeyRing, 'publicJwks'>) {
    this.#jwks = new Map(keys.publicJwks().keys.map((jwk) => [jwk.kid ?? '', jwk]));
  }

  async judge(jws: string): Promise<'valid' | 'forged' | 'unknown'> {
    const kid = signerOf(jws);
    if (kid === null) return 'forged';
    const jwk = this.#jwks.get(kid);
    if (!jwk?.alg) return 'unknown';
    try {
      const key = this.#imported.get(kid) ?? (await importJWK(jwk));
      this.#imported.set(kid, key);
      const { protectedHeader } = await compactVerify(jws, key, { algorithms: [jwk.alg] });
      return protectedHeader.typ === TYP ? 'valid' : 'forged';
    } catch {
      return 'forged';
    }
  }
}
