import type { Client } from '../../models/client.js';
import type { Confirmation } from './accessToken.js';
import { issueAccessToken } from './issueAccessToken.js';
import { tokenTypeOf } from './senderKey.js';
import { knownResources } from './target.js';
import {
  assertMayUse,
  type Details,
  detailsFor,
  type IssueDeps,
  type TokenSet,
  targetWithin,
  withinCeiling,
} from './tokenGrant.js';

/**
 * Issues a client a token of its own (RFC 6749 §4.4): no user, no session, no refresh token.
 * @throws AppError UNAUTHORIZED_CLIENT, INVALID_SCOPE, INVALID_TARGET
 */
export async function issueClientTokens(
  deps: IssueDeps,
  request: {
    client: Client;
    scopes: readonly string[];
    resources?: readonly string[];
    authorizationDetails?: readonly Details[];
    sender?: Confirmation | null;
  },
): Promise<TokenSet> {
  const { client } = request;
  assertMayUse(client, 'client_credentials');
  const grant = {
    scopes: withinCeiling(client, request.scopes),
    resources: knownResources(deps.config, request.resources ?? []),
  };
  const target = targetWithin(deps, client, grant);
  const details = detailsFor(target, client, request.authorizationDetails);
  const { token, expiresInSeconds, jti } = await issueAccessToken(deps, {
    subject: client._id,
    clientId: client._id,
    ...target,
    form: target,
    authorizationDetails: details,
    allowedNetworks: client.allowedNetworks ?? [],
    ...(request.sender && { confirmation: request.sender }),
  });
  deps.audit.recordSoon({
    action: 'token.issue',
    outcome: 'success',
    actor: { kind: 'client', id: client._id, clientId: client._id },
    objectType: 'Client',
    objectId: client._id,
  });
  return {
    accessToken: token,
    accessTokenId: jti,
    tokenType: tokenTypeOf(request.sender),
    expiresInSeconds,
    refreshToken: null,
    idToken: null,
    scopes: target.scopes,
    authorizationDetails: details,
  };
}
