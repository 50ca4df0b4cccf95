import { AppError, isAppError } from '../errors.js';
import { type AccessTokenClaims, verifyAccessToken } from '../identity/tokens/accessToken.js';
import { revokeRefreshToken } from '../identity/tokens/revokeRefreshToken.js';
import type { Client } from '../models/client.js';
import { clientAuthenticationMetadata, identifyClient } from './clientAuthentication.js';
import { revocationSchema } from './documentation/tokens.js';
import { type Endpoint, type Exchange, forbidCaching, runSteps, type Step } from './endpoint.js';
import { type Parameters, readParameters } from './parameters.js';

interface RevocationExchange extends Exchange {
  parameters: Parameters;
  client: Client;
  token: string;
}

const takeParameters: Step<RevocationExchange> = (exchange) => {
  exchange.parameters = readParameters(exchange.request);
  exchange.token = exchange.parameters.require('token');
};

const authenticateClient: Step<RevocationExchange> = async (exchange) => {
  exchange.client = await identifyClient(exchange.deps, exchange.request, exchange.parameters);
};

/**
 * RFC 7009 §2.1. `token_type_hint` is no more than a hint, and the two kinds cannot be mistaken for each other: a token
 * that verifies as an access token of ours is one, anything else is tried as a refresh token. One that was issued to
 * another client is refused.
 */
const revoke: Step<RevocationExchange> = async ({ deps, request, token, client }) => {
  const claims = await verifyAccessToken(deps, token, { anyAudience: true, fromAnywhere: true }).catch(
    (error: unknown) => {
      if (isAppError(error, 'INVALID_TOKEN')) return null;
      throw error;
    },
  );
  if (!claims) {
    await revokeRefreshToken(deps, { token, clientId: client._id }, request.origin);
    return;
  }
  if (claims.clientId !== client._id) {
    throw new AppError('INVALID_GRANT', `client ${client._id} may not revoke a token of ${claims.clientId}`);
  }
  await deps.denylist.deny('jti', claims.revocationId);
  await deps.audit.record(auditEntry(claims, client, request.origin));
};

/** RFC 7009 §2.2: 200 whether or not there was a token; the client could do nothing about the difference. */
const answer: Step<RevocationExchange> = ({ reply }) => {
  void reply.code(200).send();
};

const STEPS = [forbidCaching, takeParameters, authenticateClient, revoke, answer] as const;

/** RFC 7009. Revoking a refresh token ends its family; revoking an access token ends that one only (§2.1 leaves it open). */
export const revocationEndpoint: Endpoint = {
  path: '/oauth/revoke',
  methods: ['POST'],
  schema: revocationSchema,
  metadata: (url, deps) => ({
    revocation_endpoint: url,
    ...clientAuthenticationMetadata('revocation', deps),
  }),
  handle: (exchange) => runSteps<RevocationExchange>(exchange, STEPS),
};

function auditEntry(claims: AccessTokenClaims, client: Client, origin: Exchange['request']['origin']) {
  return {
    action: 'token.revoke',
    outcome: 'success',
    actor: { kind: 'client', id: client._id, clientId: client._id, sessionId: claims.sessionId },
    origin,
    objectType: 'AccessToken',
    objectId: claims.jti,
  } as const;
}
