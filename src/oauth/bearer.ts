import { AppError, isAppError } from '../errors.js';
import { FormBody } from '../http/bodyParsers.js';
import { type AuthenticatedRequest, authenticateRequest } from '../identity/sessions/authenticate.js';
import type { Exchange } from './endpoint.js';
import { BearerError } from './errors.js';

const CHALLENGE = 'Bearer realm="fieldgate"';

/**
 * Who stands behind the bearer token of the request: in the header (RFC 6750 §2.1) or in a form body (§2.2), never in
 * the query string, where logs would keep it.
 * @throws AppError INVALID_REQUEST when it is in both places; BearerError 401 when there is none or it is not valid
 */
export async function authenticateBearer({ deps, request }: Exchange): Promise<AuthenticatedRequest> {
  const bearer = readBearer(request.headers.authorization, request.body);
  // RFC 6750 §3.1: a request without credentials gets no error code, only the challenge.
  if (bearer === undefined)
    throw new BearerError('invalid_token', 'no access token', { challenge: CHALLENGE });
  try {
    return await authenticateRequest(deps, { bearer }, request.origin);
  } catch (error) {
    if (!isAppError(error, 'UNAUTHENTICATED')) throw error;
    throw new BearerError('invalid_token', error.message, {
      cause: error,
      challenge: `${CHALLENGE}, error="invalid_token", error_description="the access token is not valid"`,
    });
  }
}

/** RFC 6750 §3.1: the token is good but lacks a scope. */
export function insufficientScope(scope: string): BearerError {
  return new BearerError('insufficient_scope', `token lacks scope ${scope}`, {
    publicMessage: `the access token lacks the scope ${scope}`,
    challenge: `${CHALLENGE}, error="insufficient_scope", scope="${scope}"`,
  });
}

function readBearer(authorization: string | undefined, body: unknown): string | undefined {
  const inHeader = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (authorization !== undefined && inHeader === undefined && /^bearer\b/i.test(authorization)) {
    throw new AppError('INVALID_REQUEST', 'Authorization header names Bearer but holds no token');
  }
  if (!(body instanceof FormBody)) return inHeader;
  const inBody = body.parameters.get('access_token') || undefined;
  if (body.repeated.has('access_token') || (inHeader !== undefined && inBody !== undefined)) {
    throw new AppError('INVALID_REQUEST', 'two access tokens in one request', {
      publicMessage: 'only one access token may be sent, in one place',
    });
  }
  return inHeader ?? inBody;
}
