import { hash, randomBytes } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { AppError } from '../../errors.js';
import type { Deps } from '../deps.js';

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** Whether the text has the form of an opaque access token; no JWT and no refresh token has. */
export function isOpaqueToken(token: string): boolean {
  return TOKEN.test(token);
}

/** Keeps the claims under a token of 256 random bits, which is stored as a digest only. */
export async function keepOpaqueToken(
  deps: Pick<Deps, 'models'>,
  payload: JWTPayload & { exp: number },
): Promise<string> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  await deps.models.opaqueTokens.create({
    _id: hash('sha256', token, 'base64url'),
    // As JSON would carry them: what reads them back must not tell the two formats apart.
    claims: JSON.parse(JSON.stringify(payload)) as Record<string, unknown>,
    expiresAt: new Date(payload.exp * 1000),
  });
  return token;
}

/** The claims of a token that has not expired. One query. @throws AppError INVALID_TOKEN */
export async function readOpaqueToken(
  deps: Pick<Deps, 'clock' | 'models'>,
  token: string,
  audience: string | undefined,
): Promise<JWTPayload> {
  const kept = await deps.models.opaqueTokens
    .findOne({ _id: hash('sha256', token, 'base64url'), expiresAt: { $gt: deps.clock() } })
    .lean();
  if (!kept) throw new AppError('INVALID_TOKEN', 'the opaque token is unknown or has expired');
  const payload: JWTPayload = kept.claims;
  if (audience !== undefined && ![payload.aud].flat().includes(audience)) {
    throw new AppError('INVALID_TOKEN', 'the opaque token is for another audience');
  }
  return payload;
}
