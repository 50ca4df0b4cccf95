import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import { clearRefreshCookie, clearSessionCookie } from '../http/cookies.js';
import { readCredentials } from '../http/credentials.js';
import type { Deps } from '../identity/deps.js';
import { actedOrigin } from '../identity/sessions/actor.js';
import { authenticateRequest } from '../identity/sessions/authenticate.js';
import { revokeSession } from '../identity/sessions/sessions.js';
import type { Session } from '../models/session.js';
import { type Catalog, WHOLE } from '../policies/catalog.js';
import type { Principal } from '../policies/principal.js';
import { actorOf } from './caller.js';
import { callerAccess } from './callerAccess.js';
import { logoutSchema } from './schemas.js';

/** `/auth/logout` */
export function addSignOut(app: FastifyInstance, deps: Deps, catalog: Catalog): void {
  app.post('/auth/logout', { schema: logoutSchema }, (request, reply) =>
    logout(deps, catalog, request, reply),
  );
}

/** A dead cookie is cleared as well: whoever signs out wants no cookie. A bad bearer token is refused. */
async function logout(
  deps: Deps,
  catalog: Catalog,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const credentials = readCredentials(deps, request, reply);
  const { bearer, cookie } = credentials;
  if (bearer === undefined && cookie === undefined) throw new AppError('UNAUTHENTICATED', 'no credential');
  const caller = await authenticateRequest(deps, credentials, request.origin);
  const { principal } = caller;
  const sessionId = principal.session?.id;
  if (sessionId !== undefined) {
    await assertMayEnd(deps, catalog, principal, sessionId);
    const origin = actedOrigin(request.origin, principal);
    await revokeSession(deps, sessionId, 'signOut', actorOf(caller), origin);
  } else if (bearer !== undefined) {
    throw new AppError('FORBIDDEN', 'the token belongs to no session', {
      publicMessage: 'This token belongs to no session.',
    });
  }
  clearSessionCookie(reply, deps.config);
  clearRefreshCookie(reply, deps.config);
  return reply.code(204).send();
}

/**
 * A client ends the session that was opened for it alone. On that of a browser other apps hang as well, so that a token
 * needs the right that `signOut` of GraphQL asks for; and so does whoever acts for the owner. @throws AppError FORBIDDEN
 */
async function assertMayEnd(
  deps: Deps,
  catalog: Catalog,
  principal: Principal,
  sessionId: string,
): Promise<void> {
  const { token, actor } = principal;
  if (token === null) return;
  const session = await deps.models.sessions.findOne({ _id: sessionId }).lean<Session>();
  if (actor === null && session?.clientId === token.clientId) return;
  const access = await callerAccess(deps, catalog, principal);
  if (session && access.decide('revoke', 'Session', session, WHOLE).allowed) return;
  throw new AppError('FORBIDDEN', `client ${token.clientId} may not end session ${sessionId}`, {
    publicMessage: 'This app may not sign you out everywhere. Sign out on the sign-out page.',
  });
}
