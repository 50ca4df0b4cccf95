import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { AppError } from '../../errors.js';
import type { Deps } from '../deps.js';

const ALGORITHM = 'HS256';

/** Signs for a resource that shares a secret with us. No `kid`: the resource has one key. */
export function signWithSharedSecret(payload: JWTPayload, typ: string, secret: string): Promise<string> {
  return new SignJWT(payload)
    .setProtectedHeader({ alg: ALGORITHM, typ })
    .sign(new TextEncoder().encode(secret));
}

/**
 * Whether the token says of itself that it was signed so. That chooses the way to verify it and nothing else: on this
 * way there are only the secrets of the resources, never a public key (RFC 8725 §3.1).
 */
export function namesSharedSecret(token: string): boolean {
  try {
    return decodeProtectedHeader(token).alg === ALGORITHM;
  } catch {
    return false;
  }
}

/**
 * Verifies with the secret of the one resource that the token is for: the holder of a secret can make tokens for its
 * own API and no other. @throws AppError INVALID_TOKEN
 */
export async function verifyWithSharedSecret(
  deps: Pick<Deps, 'clock' | 'config'>,
  token: string,
  typ: string,
): Promise<JWTPayload> {
  try {
    const { aud } = decodeJwt(token);
    const resource = deps.config.resources.find(({ identifier }) => identifier === aud);
    if (resource?.signingAlgorithm !== ALGORITHM || resource.sharedSecret === undefined) {
      throw new AppError('INVALID_TOKEN', 'the token is for no resource that shares a secret');
    }
    const { payload } = await jwtVerify(token, new TextEncoder().encode(resource.sharedSecret), {
      algorithms: [ALGORITHM],
      issuer: deps.config.issuer,
      audience: resource.identifier,
      typ,
      currentDate: deps.clock(),
      requiredClaims: ['exp', 'iat', 'sub'],
    });
    return payload;
  } catch (cause) {
    if (cause instanceof errors.JOSEError || cause instanceof TypeError) {
      throw new AppError('INVALID_TOKEN', cause.message, { cause });
    }
    throw cause;
  }
}
