import { isIP } from 'node:net';
import { AppError, isAppError } from '../errors.js';
import { enforceAddressLimit } from '../http/rateLimit.js';
import { signingAlgorithms } from '../identity/keys/algorithms.js';
import { authenticateClaims } from '../identity/sessions/authenticate.js';
import { type AccessTokenClaims, verifyAccessToken } from '../identity/tokens/accessToken.js';
import { findRefreshFamily } from '../identity/tokens/findRefreshFamily.js';
import { mayIntrospect } from '../identity/tokens/mayIntrospect.js';
import { confirmationOf, tokenTypeOf } from '../identity/tokens/senderKey.js';
import { subjectFor } from '../identity/tokens/subject.js';
import type { Client } from '../models/client.js';
import { readRecently } from '../models/readRecently.js';
import { clientAuthenticationMetadata, identifyConfidentialClient } from './clientAuthentication.js';
import { introspectionSchema } from './documentation/tokens.js';
import { type Endpoint, type Exchange, forbidCaching, runSteps, type Step } from './endpoint.js';
import { type IntrospectionFacts, sendIntrospection } from './introspectionAnswer.js';
import { type Parameters, readParameters } from './parameters.js';

interface IntrospectionExchange extends Exchange {
  parameters: Parameters;
  client: Client;
  token: string;
  /** Who uses the token. */
  address: string;
  facts: IntrospectionFacts | null;
}

const takeParameters: Step<IntrospectionExchange> = (exchange) => {
  exchange.parameters = readParameters(exchange.request);
  exchange.token = exchange.parameters.require('token');
};

/**
 * A network restriction is about whoever uses the token. That is the caller itself, unless the caller, a gateway or API,
 * tells in `client_address` from where the token came to it: it is authenticated, and whom it lets in is up to it.
 * @throws AppError INVALID_REQUEST for what is no IP address
 */
const takeAddress: Step<IntrospectionExchange> = (exchange) => {
  const told = exchange.parameters.get('client_address');
  if (told !== undefined && isIP(told) === 0) {
    throw new AppError('INVALID_REQUEST', 'client_address is no address', {
      publicMessage: 'client_address must be an IP address',
    });
  }
  exchange.address = told ?? exchange.request.origin.address;
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

/** A refresh token is shown to the client that it was issued to, and to nobody else; access tokens: `mayIntrospect`. */
const lookUp: Step<IntrospectionExchange> = async (exchange) => {
  exchange.facts = (await accessTokenFacts(exchange)) ?? (await refreshTokenFacts(exchange));
};

const answer: Step<IntrospectionExchange> = (exchange) =>
  sendIntrospection(exchange, exchange.client, exchange.facts);

const STEPS = [forbidCaching, takeParameters, authenticateClient, takeAddress, lookUp, answer] as const;

/** RFC 7662, RFC 9701 */
export const introspectionEndpoint: Endpoint = {
  path: '/oauth/introspect',
  methods: ['POST'],
  schema: introspectionSchema,
  generalLimit: false,
  metadata: (url, deps) => ({
    introspection_endpoint: url,
    introspection_signing_alg_values_supported: signingAlgorithms(deps.config),
    ...clientAuthenticationMetadata('introspection', deps),
  }),
  handle: (exchange) => runSteps<IntrospectionExchange>(exchange, STEPS),
};

async function accessTokenFacts(exchange: IntrospectionExchange): Promise<IntrospectionFacts | null> {
  const { deps, token, client, address } = exchange;
  try {
    const claims = await verifyAccessToken(deps, token, { anyAudience: true, callerAddress: address });
    if (!mayIntrospect(deps.config, client, claims)) return null;
    // A gateway asks about the same people again and again; who was disabled elsewhere is known within a second.
    const { user } = await authenticateClaims(deps, claims, readRecently);
    const sub = user ? subjectFor(deps, client, user._id) : claims.subject;
    return { token_type: tokenTypeOf(claims.confirmation), iss: deps.config.issuer, sub, ...factsOf(claims) };
  } catch (error) {
    if (isAppError(error, 'INVALID_TOKEN') || isAppError(error, 'UNAUTHENTICATED')) return null;
    throw error;
  }
}

function factsOf(claims: AccessTokenClaims): IntrospectionFacts {
  return {
    aud: claims.audience,
    client_id: claims.clientId,
    scope: claims.scopes.join(' '),
    iat: claims.issuedAtSeconds,
    exp: claims.expiresAtSeconds,
    jti: claims.jti,
    ...(claims.sessionId !== null && { sid: claims.sessionId }),
    ...(claims.acr !== null && { acr: claims.acr, amr: claims.amr }),
    ...(claims.authTimeSeconds !== null && { auth_time: claims.authTimeSeconds }),
    ...(claims.confirmation && { cnf: claims.confirmation }),
    ...(claims.actor && { act: claims.actor }),
    ...(claims.authorizationDetails.length > 0 && { authorization_details: claims.authorizationDetails }),
    ...(claims.allowedNetworks.length > 0 && { allowed_networks: claims.allowedNetworks }),
  };
}

async function refreshTokenFacts(exchange: IntrospectionExchange): Promise<IntrospectionFacts | null> {
  const { deps, token, client } = exchange;
  const family = await findRefreshFamily(deps, token);
  if (!family || family.clientId !== client._id) return null;
  return {
    iss: deps.config.issuer,
    sub: subjectFor(deps, client, family.userId),
    client_id: family.clientId,
    scope: family.scopes.join(' '),
    iat: Math.floor(family.rotatedAt.getTime() / 1000),
    exp: Math.floor(family.expiresAt.getTime() / 1000),
    sid: family.sessionId,
    ...(family.senderKey && { cnf: confirmationOf(family.senderKey) }),
  };
}
