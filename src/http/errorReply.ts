import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AppError, ErrorCode } from '../errors.js';
import type { Logger } from '../identity/ports.js';
import { challengeOf } from './challenge.js';
import { HttpError, toAppError } from './errors.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** `render`: answers a browser that asked for an address that does not exist; set by the door that has pages. */
    errorPages: { render?: (request: FastifyRequest, reply: FastifyReply, error: AppError) => void };
  }
}

/** What each code is on a JSON door: the status and the one text that the caller reads. Exhaustive by type. */
const WIRE: Record<ErrorCode, { status: number; message: string }> = {
  UNAUTHENTICATED: { status: 401, message: 'Sign in first.' },
  INVALID_CREDENTIALS: { status: 401, message: 'The credentials are not right.' },
  INVALID_TOKEN: { status: 401, message: 'The token is not valid.' },
  CONFIRMATION_REQUIRED: { status: 403, message: 'Confirm the e-mail address or phone number first.' },
  ACCOUNT_LOCKED: { status: 423, message: 'Too many failed attempts. Try again later.' },
  CAPTCHA_REQUIRED: { status: 403, message: 'Show first that you are no program.' },
  FORBIDDEN: { status: 403, message: 'This is not allowed.' },
  // RFC 9470 §3: a stronger authentication is asked for with 401.
  STEP_UP_REQUIRED: { status: 401, message: 'A stronger or more recent sign-in is needed.' },
  NOT_FOUND: { status: 404, message: 'There is nothing here.' },
  BAD_USER_INPUT: { status: 400, message: 'The request is not well-formed.' },
  PASSWORD_TOO_WEAK: { status: 400, message: 'The password is too weak.' },
  CODE_INVALID: { status: 400, message: 'The code or link is not valid (any more).' },
  CONFLICT: { status: 409, message: 'This conflicts with what is already there.' },
  LIMIT_EXCEEDED: { status: 413, message: 'The request is too large.' },
  RATE_LIMITED: { status: 429, message: 'Too many requests. Try again later.' },
  INVALID_REQUEST: { status: 400, message: 'The request is not well-formed.' },
  INVALID_CLIENT: { status: 401, message: 'The client could not be authenticated.' },
  INVALID_GRANT: { status: 401, message: 'The refresh token is not valid.' },
  UNAUTHORIZED_CLIENT: { status: 403, message: 'The client may not do this.' },
  UNSUPPORTED_GRANT_TYPE: { status: 400, message: 'The grant type is not supported.' },
  INVALID_SCOPE: { status: 400, message: 'The scope is not valid.' },
  INVALID_TARGET: { status: 400, message: 'The resource is not valid.' },
  INVALID_AUTHORIZATION_DETAILS: { status: 400, message: 'The authorization details are not valid.' },
  INVALID_DPOP_PROOF: { status: 401, message: 'The DPoP proof is not valid.' },
  USE_DPOP_NONCE: { status: 401, message: 'The DPoP proof needs the nonce of the answer.' },
  UNAVAILABLE: { status: 503, message: 'The service is busy or out of order. Try again later.' },
  INTERNAL: { status: 500, message: 'Something went wrong on our side.' },
};

/** The HTTP status of a refusal on a JSON door. */
export function statusOf(error: AppError): number {
  return error instanceof HttpError ? error.statusCode : WIRE[error.code].status;
}

/** Headers that belong to a refusal whichever door renders it: Retry-After, Allow. */
export function applyErrorHeaders(reply: FastifyReply, error: AppError): void {
  if (error instanceof HttpError) reply.headers(error.headers);
  if (error.retryAfterSeconds !== undefined) {
    reply.header('retry-after', String(Math.max(1, Math.ceil(error.retryAfterSeconds))));
  }
  reply.header('cache-control', 'no-store');
}

/** The private half of a refusal goes to the log: with the stack if it is our fault. */
export function logError(logger: Logger, request: FastifyRequest, error: AppError, status: number): void {
  const fields = { requestId: request.id, code: error.code, status, detail: error.message };
  if (status >= 500) logger.error({ ...fields, err: error.cause ?? error }, 'request failed');
  else logger.info(fields, 'request refused');
}

/** `{ error: { code, message, requestId, path?, remedy?, captcha? } }`, the error of every JSON door but OAuth and GraphQL. */
export function renderJsonError(request: FastifyRequest, reply: FastifyReply, error: AppError): void {
  const status = statusOf(error);
  applyErrorHeaders(reply, error);
  if (status === 401) reply.header('www-authenticate', challengeOf(request, error));
  void reply.code(status).send({
    error: {
      code: error.code,
      message: error.publicMessage ?? WIRE[error.code].message,
      requestId: request.id,
      ...(error.path && { path: error.path }),
      ...(error.remedy && { remedy: error.remedy }),
      ...(error.captcha && { captcha: error.captcha }),
    },
  });
}

/** Whether a person reads the answer: browsers ask for HTML by name, programs do not. */
export function acceptsHtml(request: FastifyRequest): boolean {
  return (request.headers.accept ?? '').includes('text/html');
}

/** Every error that no door renders itself, every unknown path (404) and every wrong method (405 with Allow). */
export function addErrorReplies(app: FastifyInstance, logger: Logger): void {
  app.decorate('errorPages', {});
  const methodsByUrl = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = methodsByUrl.get(url) ?? new Set();
    for (const one of [method].flat()) methods.add(one);
    methodsByUrl.set(url, methods);
  });

  app.setErrorHandler((thrown, request, reply) => {
    const error = toAppError(thrown);
    logError(logger, request, error, statusOf(error));
    renderJsonError(request, reply, error);
  });

  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const allowed = methodsByUrl.get(path);
    const error = allowed ? methodNotAllowed([...allowed]) : new HttpError(404, 'NOT_FOUND', 'no such path');
    const { render } = app.errorPages;
    if (render && acceptsHtml(request)) render(request, reply, error);
    else renderJsonError(request, reply, error);
  });
}

/** RFC 9110 §15.5.6: 405 names the methods that would do. */
export function methodNotAllowed(allowed: readonly string[]): HttpError {
  return new HttpError(405, 'BAD_USER_INPUT', 'method not allowed', {
    publicMessage: 'The method is not allowed here.',
    headers: { allow: [...new Set(allowed)].sort().join(', ') },
  });
}
