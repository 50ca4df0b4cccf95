import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import { readCredentials } from '../http/credentials.js';
import type { Deps } from '../identity/deps.js';
import type { AuditActor } from '../identity/ports.js';
import { actedOrigin } from '../identity/sessions/actor.js';
import {
  type AuthenticatedRequest,
  authenticateRequest,
  type Credentials,
} from '../identity/sessions/authenticate.js';

/**
 * Who asks, by access token or else session cookie; from here on the request's origin names whoever acts.
 * @throws AppError UNAUTHENTICATED when nobody does; INVALID_DPOP_PROOF, USE_DPOP_NONCE
 */
export async function authenticateCaller(
  deps: Deps,
  request: FastifyRequest,
  reply: FastifyReply,
  credentials: Credentials = readCredentials(deps, request, reply),
): Promise<AuthenticatedRequest> {
  const caller = await authenticateRequest(deps, credentials, request.origin);
  if (caller.principal.kind === 'anonymous') throw new AppError('UNAUTHENTICATED', 'no credential');
  request.origin = actedOrigin(request.origin, caller.principal);
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
