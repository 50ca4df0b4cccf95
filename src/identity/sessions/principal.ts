import type { Client } from '../../models/client.js';
import type { Session } from '../../models/session.js';
import type { User } from '../../models/user.js';
import type { Principal, SessionFacts, TokenFacts } from '../../policies/principal.js';
import type { AccessTokenClaims } from '../tokens/accessToken.js';

/** The roles that are within their time limits now. */
export function rolesHeld(user: Pick<User, 'roleAssignments'>, now: Date): string[] {
  const held = user.roleAssignments.filter(
    ({ validFrom, validUntil }) => (!validFrom || validFrom <= now) && (!validUntil || validUntil > now),
  );
  return [...new Set(held.map(({ role }) => role))];
}

/** A user behind a session cookie (`token` null) or an access token. */
export function userPrincipal(
  user: User,
  session: SessionFacts | null,
  token: TokenFacts | null,
  now: Date,
): Principal {
  return {
    kind: 'user',
    id: user._id,
    roles: rolesHeld(user, now),
    attributes: user.attributes,
    session,
    token,
    actor: null,
  };
}

/** A client by the rights of its own roles: on its own behalf (client credentials), or with `token` null as an actor. */
export function clientPrincipal(client: Pick<Client, '_id' | 'roles'>, token: TokenFacts | null): Principal {
  return {
    kind: 'client',
    id: client._id,
    roles: client.roles,
    attributes: {},
    session: null,
    token,
    actor: null,
  };
}

export function sessionFacts(session: Session): SessionFacts {
  return {
    id: session._id,
    acr: session.acr,
    amr: session.amr,
    authTimeSeconds: Math.floor(session.authenticatedAt.getTime() / 1000),
  };
}

/** The session as the token tells it; null for a token without one. */
export function sessionFactsOfToken(claims: AccessTokenClaims): SessionFacts | null {
  if (claims.sessionId === null) return null;
  return {
    id: claims.sessionId,
    acr: claims.acr ?? '',
    amr: claims.amr,
    authTimeSeconds: claims.authTimeSeconds ?? 0,
  };
}

export function tokenFacts(claims: AccessTokenClaims): TokenFacts {
  return { jti: claims.jti, clientId: claims.clientId, scopes: claims.scopes, audience: claims.audience };
}
