import { AppError, type ErrorCode, isAppError } from '../errors.js';
import { FormBody } from '../http/bodyParsers.js';
import { bearerChallenge, challengeOf } from '../http/challenge.js';
import { schemeOf } from '../http/credentials.js';
import { readSenderEvidence } from '../http/senderEvidence.js';
import { type AuthenticatedRequest, authenticateRequest } from '../identity/sessions/authenticate.js';
import type { Exchange } from './endpoint.js';
import { BearerError } from './errors.js';

/**
 * Who stands behind the access token of the request: in the header (RFC 6750 §2.1, RFC 9449 §7.1) or in a form body
 * (RFC 6750 §2.2), never in the query string, where logs would keep it.
 * @throws AppError INVALID_REQUEST when it is in both places; BearerError 401 when there is none or it is not valid
 */
export async function authenticateBearer({ deps, request, reply }: Exchange): Promise<AuthenticatedRequest> {
  const sender = readSenderEvidence(deps, request, reply, 'resource');
  const inHeader = readHeader(request);
  const bearer = readBearer(inHeader, request.body);
  // RFC 6750 §3.1: a request without credentials gets no error code, only the challenge.
  if (bearer === undefined) {
    const refusal = new AppError('INVALID_TOKEN', 'no access token');
    throw new BearerError('invalid_token', refusal.message, {
      challenge: challengeOf({ headers: {} }, refusal),
    });
  }
  const scheme = inHeader === undefined ? 'Bearer' : schemeOf(request);
  try {
    return await authenticateRequest(deps, { bearer, scheme, sender }, request.origin);
  } catch (error) {
    const name = isAppError(error) ? RESOURCE_ERRORS[error.code] : undefined;
    if (!name || !isAppError(error)) throw error;
    // A token in the body was sent as well: the challenge names its fault.
    const headers = { authorization: request.headers.authorization ?? 'Bearer' };
    throw new BearerError(name, error.message, { cause: error, challenge: challengeOf({ headers }, error) });
  }
}

const RESOURCE_ERRORS: Partial<Record<ErrorCode, BearerError['error']>> = {
  UNAUTHENTICATED: 'invalid_token',
  INVALID_DPOP_PROOF: 'invalid_dpop_proof',
  USE_DPOP_NONCE: 'use_dpop_nonce',
};

/** RFC 6750 §3.1: the token is good but lacks a scope. */
export function insufficientScope(scope: string): BearerError {
  return new BearerError('insufficient_scope', `token lacks scope ${scope}`, {
    publicMessage: `the access token lacks the scope ${scope}`,
    challenge: bearerChallenge(`realm="fieldgate", error="insufficient_scope", scope="${scope}"`),
  });
}

function readHeader(request: Exchange['request']): string | undefined {
  const { authorization } = request.headers;
  const token = /^(?:bearer|dpop) +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (authorization !== undefined && token === undefined && /^(?:bearer|dpop)\b/i.test(authorization)) {
    throw new AppError('INVALID_REQUEST', 'Authorization header names its scheme but holds no token');
  }
  return token;
}

function readBearer(inHeader: string | undefined, body: unknown): string | undefined {
  if (!(body instanceof FormBody)) return inHeader;
  const inBody = body.parameters.get('access_token') || undefined;
  if (body.repeated.has('access_token') || (inHeader !== undefined && inBody !== undefined)) {
    throw new AppError('INVALID_REQUEST', 'two access tokens in one request', {
      publicMessage: 'only one access token may be sent, in one place',
    });
  }
  return inHeader ?? inBody;
}
