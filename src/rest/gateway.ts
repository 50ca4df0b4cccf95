import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import { readCredentials } from '../http/credentials.js';
import { enforceAddressLimit } from '../http/rateLimit.js';
import { readForwardedEvidence } from '../http/senderEvidence.js';
import type { Deps } from '../identity/deps.js';
import type { AuthenticatedRequest } from '../identity/sessions/authenticate.js';
import { authenticateCaller } from './caller.js';
import { validateSchema } from './schemas.js';

/**
 * `/auth/validate`: for gateways (`auth_request`, forward auth). 200 with the facts in body and headers, else 401.
 * A gateway stands for all of its users, so only refusals count against its address.
 */
export function addGatewayValidation(app: FastifyInstance, deps: Deps): void {
  for (const method of ['GET', 'POST'] as const) {
    app.route({
      method,
      url: '/auth/validate',
      schema: validateSchema(method === 'GET' ? '' : 'ByPost'),
      // It reads and changes nothing: there is nothing to forge.
      config: { generalLimit: false, csrf: false },
      handler: (request, reply) => validate(deps, request, reply),
    });
  }
}

async function validate(deps: Deps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const credentials = {
    ...readCredentials(deps, request, reply),
    sender: readForwardedEvidence(deps, request, reply),
  };
  const caller = await authenticateCaller(deps, request, reply, credentials).catch(async (error: unknown) => {
    await enforceAddressLimit(deps, request, reply, 'general');
    throw error;
  });
  const { principal } = caller;
  const scope = principal.token?.scopes.join(' ') ?? '';
  reply.headers({
    'cache-control': 'no-store',
    'x-fieldgate-subject': principal.id ?? '',
    'x-fieldgate-roles': principal.roles.join(','),
    'x-fieldgate-scope': scope,
  });
  return reply.send({
    active: true,
    sub: principal.id,
    scope,
    roles: principal.roles,
    clientId: principal.token?.clientId ?? null,
    exp: expiryOf(caller),
  });
}

/** Epoch seconds after which the answer no longer holds: of the token, or of the unused session. */
function expiryOf({ claims, session }: AuthenticatedRequest): number {
  if (claims) return claims.expiresAtSeconds;
  if (!session) throw new AppError('INTERNAL', 'authenticated by neither token nor session');
  return Math.floor(Math.min(session.idleExpiresAt.getTime(), session.expiresAt.getTime()) / 1000);
}
