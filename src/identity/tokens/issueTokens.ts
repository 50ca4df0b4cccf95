import { AppError } from '../../errors.js';
import { noteSessionClient } from '../logout/sessionClients.js';
import { actedByOf } from '../sessions/actor.js';
import { reachesDemanded } from '../signIn/demandedAcr.js';
import { familyKeyOf } from './senderKey.js';
import { startRefreshFamily } from './startRefreshFamily.js';
import { knownResources } from './target.js';
import { type IssueDeps, type TokenSet, targetWithin, withinCeiling } from './tokenGrant.js';
import { noteIssue, signUserTokens, type UserTokenRequest } from './userTokens.js';

/**
 * Issues a user's tokens to a client for a session that has just been opened or was checked just now: an access token,
 * an ID token where `openid` is asked for, and the first token of a refresh family where the client may refresh.
 * @throws AppError INVALID_SCOPE for a scope that the client may not ask for, INVALID_TARGET for a resource, INVALID_GRANT
 * for a session below the level that is demanded of the user or for the client
 */
export async function issueUserTokens(deps: IssueDeps, request: UserTokenRequest): Promise<TokenSet> {
  const { user, session, client, authorizationDetails, claims, refusedClaims } = request;
  if (!reachesDemanded(deps, user, session, client._id)) {
    throw new AppError('INVALID_GRANT', `session ${session._id} is too weak for client ${client._id}`, {
      publicMessage: 'a stronger sign-in is needed for this client',
    });
  }
  const grant = {
    scopes: withinCeiling(client, request.scopes),
    resources: knownResources(deps.config, request.resources ?? []),
  };
  const target = targetWithin(deps, client, grant, request.requestedResources);
  const issuedAtMilliseconds =
    request.issuedAtMilliseconds ??
    deps.denylist.issuanceTimeMilliseconds({
      sid: session._id,
      sub: request.user._id,
      clientId: client._id,
    });
  await noteSessionClient(deps, client, session);
  const mayRefresh = client.grantTypes.includes('refresh_token') && request.withRefreshToken !== false;
  const refreshToken = mayRefresh
    ? await startRefreshFamily(deps, {
        session,
        clientId: client._id,
        ...grant,
        authorizationDetails: authorizationDetails ?? null,
        claims: claims ?? null,
        refusedClaims: refusedClaims ?? [],
        senderKey: familyKeyOf(client, request.sender),
        ttlSeconds: client.refreshTokenTtlSeconds ?? null,
      })
    : null;
  const tokens = await signUserTokens(deps, { ...request, ...grant, target, issuedAtMilliseconds });
  noteIssue(deps, 'token.issue', request.user, session, client, {
    actedBy: actedByOf(deps, request.actor),
  });
  return { ...tokens, refreshToken };
}
