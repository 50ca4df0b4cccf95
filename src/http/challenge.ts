import type { FastifyRequest } from 'fastify';
import type { AppError, ErrorCode } from '../errors.js';
import { CLIENT_SIGNATURE_ALGORITHMS } from '../identity/tokens/signatureAlgorithms.js';

const REALM = 'realm="fieldgate"';
/** RFC 9449 §7.1: what a proof may be signed with. */
const ALGORITHMS = `algs="${CLIENT_SIGNATURE_ALGORITHMS.join(' ')}"`;

/** What a token or proof that was sent is refused with; every other refusal says nothing of it. */
const ERRORS: Partial<Record<ErrorCode, string>> = {
  UNAUTHENTICATED: 'error="invalid_token", error_description="the access token is not valid"',
  INVALID_TOKEN: 'error="invalid_token", error_description="the access token is not valid"',
  INVALID_DPOP_PROOF: 'error="invalid_dpop_proof", error_description="the DPoP proof is not valid"',
  USE_DPOP_NONCE: 'error="use_dpop_nonce", error_description="the DPoP proof must hold the nonce"',
};

/**
 * `WWW-Authenticate` of a refusal with 401: the scheme that was used with the error first, then the other one
 * (RFC 6750 §3, RFC 9449 §7.2). A request without a token gets no error code; a step-up names what the session must
 * reach (RFC 9470 §3).
 */
export function challengeOf({ headers }: Pick<FastifyRequest, 'headers'>, error: AppError): string {
  const { authorization } = headers;
  const fault = error.code === 'STEP_UP_REQUIRED' ? stepUp(error) : authorization && ERRORS[error.code];
  const parts = [REALM, ...(fault ? [fault] : [])].join(', ');
  return /^dpop(?: |$)/i.test(authorization ?? '') ? `DPoP ${parts}, ${ALGORITHMS}` : bearerChallenge(parts);
}

/** A Bearer challenge, with the other scheme that would do. */
export function bearerChallenge(parts: string): string {
  return `Bearer ${parts}, DPoP ${ALGORITHMS}`;
}

function stepUp({ requirement }: AppError): string {
  const { acr, maxAgeSeconds } = requirement ?? {};
  return [
    'error="insufficient_user_authentication"',
    ...(acr === undefined ? [] : [`acr_values="${acr}"`]),
    ...(maxAgeSeconds === undefined ? [] : [`max_age="${maxAgeSeconds}"`]),
  ].join(', ');
}
