import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import { readSessionCookie } from '../http/cookies.js';
import type { Deps } from '../identity/deps.js';
import type { AuditActor } from '../identity/ports.js';
import { type AuthenticatedRequest, authenticateRequest } from '../identity/sessions/authenticate.js';

/** The bearer token of the Authorization header, if it holds one. */
export function readBearer(request: FastifyRequest): string | undefined {
  const { authorization } = request.headers;
  // Any scheme is taken for a credential: a wrong one must be refused, not overlooked in favour of a cookie.
  return authorization === undefined ? undefined : authorization.replace(/^bearer +/i, '').trim();
}

/** Who asks, by bearer token or else session cookie. @throws AppError UNAUTHENTICATED when nobody does */
export async function authenticateCaller(deps: Deps, request: FastifyRequest): Promise<AuthenticatedRequest> {
  const credentials = { bearer: readBearer(request), cookie: readSessionCookie(request, deps.config) };
  const caller = await authenticateRequest(deps, credentials, request.origin);
  if (caller.principal.kind === 'anonymous') throw new AppError('UNAUTHENTICATED', 'no credential');
  return caller;
}

/** The caller as the actor of audit events. */
export function actorOf({ principal }: AuthenticatedRequest): AuditActor {
  return {
    kind: principal.kind,
    id: principal.id,
    clientId: principal.token?.clientId ?? null,
    sessionId: principal.session?.id ?? null,
  };
}
