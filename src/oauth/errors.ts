import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type ErrorCode } from '../errors.js';
import { applyErrorHeaders, logError } from '../http/errorReply.js';
import { HttpError, toAppError } from '../http/errors.js';
import type { Logger } from '../identity/ports.js';

interface OAuthError {
  readonly status: number;
  readonly error: string;
  readonly description: string;
}

const invalidRequest: OAuthError = {
  status: 400,
  error: 'invalid_request',
  description: 'the request is malformed, lacks a parameter or repeats one',
};
// One text for every reason why a grant is refused: which one it was would be an oracle.
const invalidGrant: OAuthError = {
  status: 400,
  error: 'invalid_grant',
  description: 'the grant is not valid, has expired or was made for another client',
};
const serverError: OAuthError = {
  status: 500,
  error: 'server_error',
  description: 'something went wrong on our side',
};

/** RFC 6749 §5.2 and RFC 6750 §3.1, for each code. Exhaustive by type. */
const WIRE: Record<ErrorCode, OAuthError> = {
  UNAUTHENTICATED: { status: 401, error: 'invalid_token', description: 'the access token is not valid' },
  INVALID_TOKEN: { status: 401, error: 'invalid_token', description: 'the access token is not valid' },
  INVALID_CREDENTIALS: invalidGrant,
  CONFIRMATION_REQUIRED: invalidGrant,
  ACCOUNT_LOCKED: invalidGrant,
  CAPTCHA_REQUIRED: { ...invalidGrant, description: 'the sign-in must go on on the sign-in page' },
  FORBIDDEN: { status: 403, error: 'access_denied', description: 'this is not allowed' },
  STEP_UP_REQUIRED: {
    status: 401,
    // RFC 9470 §3
    error: 'insufficient_user_authentication',
    description: 'a stronger or more recent sign-in is needed',
  },
  NOT_FOUND: { status: 404, error: 'invalid_request', description: 'there is nothing here' },
  BAD_USER_INPUT: invalidRequest,
  PASSWORD_TOO_WEAK: invalidRequest,
  CODE_INVALID: invalidGrant,
  CONFLICT: { ...invalidRequest, status: 409 },
  LIMIT_EXCEEDED: { ...invalidRequest, status: 413, description: 'the request is too large' },
  // RFC 6749 knows no code for it: the one that says "try again" is the nearest, 429 says the rest.
  RATE_LIMITED: {
    status: 429,
    error: 'temporarily_unavailable',
    description: 'too many requests, try again later',
  },
  INVALID_REQUEST: invalidRequest,
  INVALID_CLIENT: { status: 401, error: 'invalid_client', description: 'client authentication failed' },
  INVALID_GRANT: invalidGrant,
  UNAUTHORIZED_CLIENT: {
    status: 400,
    error: 'unauthorized_client',
    description: 'the client may not use this grant type or token',
  },
  UNSUPPORTED_GRANT_TYPE: {
    status: 400,
    error: 'unsupported_grant_type',
    description: 'the grant type is not supported',
  },
  INVALID_SCOPE: {
    status: 400,
    error: 'invalid_scope',
    description: 'the scope is malformed or more than the client may have',
  },
  INVALID_TARGET: {
    status: 400,
    error: 'invalid_target',
    description: 'the resource is malformed, unknown, or none that the client may use',
  },
  INVALID_AUTHORIZATION_DETAILS: {
    status: 400,
    error: 'invalid_authorization_details',
    description: 'the authorization details are malformed, or of a type that the client may not use',
  },
  INVALID_DPOP_PROOF: {
    status: 400,
    error: 'invalid_dpop_proof',
    description: 'the DPoP proof is not valid for this request, or was used before',
  },
  USE_DPOP_NONCE: {
    status: 400,
    error: 'use_dpop_nonce',
    description: 'the DPoP proof must hold the nonce of this answer',
  },
  UNAVAILABLE: {
    status: 503,
    error: 'temporarily_unavailable',
    description: 'the service is busy or out of order, try again later',
  },
  INTERNAL: serverError,
};

/** RFC 6750 §3.1, RFC 9449 §7.1. */
const BEARER_CODES = {
  invalid_token: [401, 'INVALID_TOKEN'],
  insufficient_scope: [403, 'FORBIDDEN'],
  invalid_dpop_proof: [401, 'INVALID_DPOP_PROOF'],
  use_dpop_nonce: [401, 'USE_DPOP_NONCE'],
} as const;

/** A refusal of an access token or its proof, told in `WWW-Authenticate` too. */
export class BearerError extends HttpError {
  readonly error: 'invalid_token' | 'insufficient_scope' | 'invalid_dpop_proof' | 'use_dpop_nonce';

  constructor(
    error: BearerError['error'],
    privateDetail: string,
    options: { challenge: string; publicMessage?: string; cause?: unknown },
  ) {
    const { challenge, ...rest } = options;
    const [status, code] = BEARER_CODES[error];
    super(status, code, privateDetail, { ...rest, headers: { 'www-authenticate': challenge } });
    this.error = error;
  }
}

/** What only an authorization request is refused with: RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6. */
export type AuthorizationErrorName =
  | 'access_denied'
  | 'unsupported_response_type'
  | 'login_required'
  | 'account_selection_required'
  | 'consent_required'
  | 'unmet_authentication_requirements'
  | 'invalid_request_object'
  | 'invalid_request_uri'
  | 'request_uri_not_supported'
  | 'registration_not_supported';

/** A refusal of an authorization request by a name of its own. */
export class AuthorizationError extends AppError {
  readonly error: AuthorizationErrorName;

  constructor(error: AuthorizationErrorName, publicMessage: string, options: { cause?: unknown } = {}) {
    super('INVALID_REQUEST', `authorization refused: ${error}: ${publicMessage}`, {
      ...options,
      publicMessage,
    });
    this.error = error;
  }
}

/** What a device is told that polls for its tokens (RFC 8628 §3.5). */
export type DeviceErrorName = 'authorization_pending' | 'slow_down' | 'access_denied' | 'expired_token';

/** No tokens for a device, yet or for ever. */
export class DeviceError extends AppError {
  readonly error: DeviceErrorName;

  constructor(error: DeviceErrorName, publicMessage: string) {
    super('INVALID_GRANT', `a device polls: ${error}`, { publicMessage });
    this.error = error;
  }
}

/** The description of a refusal for the client. */
export function describe(error: AppError): string {
  return asDescription(error.publicMessage ?? wireOf(error).description);
}

/** Errors of every OAuth endpoint: `{ error, error_description }`, no-store, WWW-Authenticate on 401. */
export function addOAuthErrors(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler((thrown, request, reply) => {
    const error = toAppError(thrown);
    const wire = wireOf(error);
    logError(logger, request, error, wire.status);
    renderOAuthError(request, reply, error, wire);
  });
}

/** How a refusal stands on the wire: RFC 6749 §5.2 and the authorization errors of §4.1.2.1. */
export function wireOf(error: AppError): OAuthError {
  const wire = WIRE[error.code];
  if (error instanceof AuthorizationError || error instanceof DeviceError) {
    return { ...wire, error: error.error };
  }
  if (error instanceof BearerError) return { ...wire, status: error.statusCode, error: error.error };
  return error instanceof HttpError ? { ...wire, status: error.statusCode } : wire;
}

function renderOAuthError(
  request: FastifyRequest,
  reply: FastifyReply,
  error: AppError,
  wire: OAuthError,
): void {
  applyErrorHeaders(reply, error);
  reply.header('pragma', 'no-cache');
  // RFC 6749 §5.2: 401 names the scheme; the Bearer challenge has been set by `BearerError`.
  if (wire.error === 'invalid_client')
    reply.header('www-authenticate', 'Basic realm="fieldgate", charset="UTF-8"');
  void reply.code(wire.status).send({
    error: wire.error,
    error_description: describe(error),
    request_id: request.id,
  });
}

/** RFC 6749 §5.2: printable ASCII without quote and backslash. */
export function asDescription(text: string): string {
  return text.replaceAll('"', "'").replace(/[^\x20-\x5b\x5d-\x7e]/g, '?');
}
