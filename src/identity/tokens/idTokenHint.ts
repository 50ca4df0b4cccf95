import { createLocalJWKSet, errors, jwtVerify } from 'jose';
import { AppError } from '../../errors.js';
import type { Deps } from '../deps.js';
import { userIdOf } from './subject.js';

const LONGEST_CHARACTERS = 8192;

/** What an ID token of ours says of whom it was issued for. */
export interface IdTokenHint {
  readonly userId: string;
  readonly clientId: string;
  readonly sessionId: string | null;
}

/**
 * Reads an `id_token_hint`: signed by a key that is still published, however long ago (OpenID Connect RP-Initiated
 * Logout §2: expired ones SHOULD be accepted). It hints and proves nothing. @throws AppError INVALID_REQUEST
 */
export async function readIdTokenHint(
  deps: Pick<Deps, 'config' | 'keys' | 'secrets'>,
  hint: string,
): Promise<IdTokenHint> {
  if (hint.length > LONGEST_CHARACTERS) throw refusal('too long');
  try {
    const { payload } = await jwtVerify(hint, createLocalJWKSet(deps.keys.publicJwks()), {
      issuer: deps.config.issuer,
      // An access token is no hint: it says JWT of itself only where it is an ID token.
      typ: 'JWT',
      currentDate: new Date(0),
      // A signed userinfo answer is no ID token either: it never expires.
      requiredClaims: ['exp'],
    });
    const { sub, aud, sid } = payload;
    if (typeof sub !== 'string' || typeof aud !== 'string') throw refusal('no ID token of ours');
    return { userId: userIdOf(deps, sub), clientId: aud, sessionId: typeof sid === 'string' ? sid : null };
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) throw refusal(error.message, error);
    throw error;
  }
}

function refusal(detail: string, cause?: unknown): AppError {
  return new AppError('INVALID_REQUEST', `id_token_hint: ${detail}`, {
    cause,
    publicMessage: 'id_token_hint is not an ID token of this server',
  });
}
