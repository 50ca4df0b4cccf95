import { isAppError } from '../errors.js';
import { enforceAddressLimit } from '../http/rateLimit.js';
import { authenticateClaims } from '../identity/sessions/authenticate.js';
import { verifyAccessToken } from '../identity/tokens/accessToken.js';
import { findRefreshFamily } from '../identity/tokens/refreshToken.js';
import type { Client } from '../models/client.js';
import { identifyConfidentialClient } from './clientAuthentication.js';
import { introspectionSchema } from './documentation.js';
import { type Endpoint, type Exchange, forbidCaching, runSteps, type Step } from './endpoint.js';
import { type Parameters, readParameters } from './parameters.js';

interface IntrospectionExchange extends Exchange {
  parameters: Parameters;
  client: Client;
  token: string;
  facts: Readonly<Record<string, unknown>> | null;
}

const takeParameters: Step<IntrospectionExchange> = (exchange) => {
  exchange.parameters = readParameters(exchange.request);
  exchange.token = exchange.parameters.require('token');
};

/** RFC 7662 §2.1: the caller must prove who it is, against token scanning. Refusals count against its address. */
const authenticateClient: Step<IntrospectionExchange> = async (exchange) => {
  const { deps, request, reply, parameters } = exchange;
  try {
    exchange.client = await identifyConfidentialClient(deps, request, parameters);
  } catch (error) {
    await enforceAddressLimit(deps, request, reply, 'general');
    throw error;
  }
};

/**
 * Any confidential client that holds an access token may ask about it: resource servers are clients, and a bearer
 * token already shows its claims. A refresh token is shown to the client that it was issued to, and to nobody else.
 */
const lookUp: Step<IntrospectionExchange> = async (exchange) => {
  const { deps, token, client } = exchange;
  exchange.facts =
    (await accessTokenFacts(deps, token)) ?? (await refreshTokenFacts(deps, token, client._id));
};

/** RFC 7662 §2.2: an inactive token has no other member than `active`; why it is inactive is nobody's business. */
const answer: Step<IntrospectionExchange> = ({ reply, facts }) => {
  void reply.send(facts ? { active: true, ...facts } : { active: false });
};

const STEPS = [forbidCaching, takeParameters, authenticateClient, lookUp, answer] as const;

/** RFC 7662 */
export const introspectionEndpoint: Endpoint = {
  path: '/oauth/introspect',
  methods: ['POST'],
  schema: introspectionSchema,
  generalLimit: false,
  metadata: (url) => ({
    introspection_endpoint: url,
    introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  }),
  handle: (exchange) => runSteps<IntrospectionExchange>(exchange, STEPS),
};

async function accessTokenFacts(deps: Exchange['deps'], token: string) {
  try {
    const claims = await verifyAccessToken(deps, token, { anyAudience: true });
    await authenticateClaims(deps, claims);
    return {
      token_type: 'Bearer',
      iss: deps.config.issuer,
      sub: claims.subject,
      aud: claims.audience,
      client_id: claims.clientId,
      scope: claims.scopes.join(' '),
      iat: claims.issuedAtSeconds,
      exp: claims.expiresAtSeconds,
      jti: claims.jti,
      ...(claims.sessionId !== null && { sid: claims.sessionId }),
      ...(claims.acr !== null && { acr: claims.acr, amr: claims.amr }),
      ...(claims.authTimeSeconds !== null && { auth_time: claims.authTimeSeconds }),
    };
  } catch (error) {
    if (isAppError(error, 'INVALID_TOKEN') || isAppError(error, 'UNAUTHENTICATED')) return null;
    throw error;
  }
}

async function refreshTokenFacts(deps: Exchange['deps'], token: string, clientId: string) {
  const family = await findRefreshFamily(deps, token);
  if (!family || family.clientId !== clientId) return null;
  return {
    iss: deps.config.issuer,
    sub: family.userId,
    client_id: family.clientId,
    scope: family.scopes.join(' '),
    iat: Math.floor(family.rotatedAt.getTime() / 1000),
    exp: Math.floor(family.expiresAt.getTime() / 1000),
    sid: family.sessionId,
  };
}
