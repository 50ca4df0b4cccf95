import { AppError } from '../errors.js';
import { measureTokenRequest } from '../http/measure.js';
import { enforceAddressLimit } from '../http/rateLimit.js';
import type { Confirmation } from '../identity/tokens/accessToken.js';
import { CLIENT_SIGNATURE_ALGORITHMS } from '../identity/tokens/signatureAlgorithms.js';
import { assertMayUse } from '../identity/tokens/tokenGrant.js';
import type { Client } from '../models/client.js';
import { clientAuthenticationMetadata, identifyClient } from './clientAuthentication.js';
import { tokenSchema } from './documentation/grants.js';
import { type Endpoint, type Exchange, forbidCaching, runSteps, type Step } from './endpoint.js';
import type { Grant, GrantAnswer } from './grants/grant.js';
import { GRANTS } from './grants/grants.js';
import { type Parameters, readParameters } from './parameters.js';
import { senderOf } from './sender.js';

interface TokenExchange extends Exchange {
  parameters: Parameters;
  client: Client;
  grant: Grant;
  sender: Confirmation | null;
  tokens: GrantAnswer;
}

const takeParameters: Step<TokenExchange> = (exchange) => {
  exchange.parameters = readParameters(exchange.request);
};

/** Before anything is proved; what the grant is called is enough to know what it counts against. */
const countRequest: Step<TokenExchange> = async ({ deps, request, reply, parameters }) => {
  const limit = GRANTS.get(parameters.get('grant_type') ?? '')?.limit ?? 'token';
  await enforceAddressLimit(deps, request, reply, limit);
};

/** RFC 6749 §3.2.1 */
const authenticateClient: Step<TokenExchange> = async (exchange) => {
  exchange.client = await identifyClient(exchange.deps, exchange.request, exchange.parameters);
};

const chooseGrant: Step<TokenExchange> = (exchange) => {
  const grant = GRANTS.get(exchange.parameters.require('grant_type'));
  if (!grant) throw new AppError('UNSUPPORTED_GRANT_TYPE', 'no such grant type');
  exchange.grant = grant;
};

const checkClientMayUseGrant: Step<TokenExchange> = ({ client, grant }) => assertMayUse(client, grant.type);

/** RFC 9449 §5, RFC 8705 §3: before anything of one use is spent. */
const proveSender: Step<TokenExchange> = async (exchange) => {
  exchange.sender = await senderOf(exchange, exchange.client);
};

const runGrant: Step<TokenExchange> = async (exchange) => {
  const { deps, client, parameters, request, sender } = exchange;
  exchange.tokens = await exchange.grant.exchange({
    deps,
    client,
    parameters,
    origin: request.origin,
    sender,
  });
};

/** RFC 6749 §5.1 */
const answer: Step<TokenExchange> = ({ reply, tokens }) => {
  void reply.send(tokenAnswer(tokens));
};

const STEPS = [
  forbidCaching,
  takeParameters,
  countRequest,
  authenticateClient,
  chooseGrant,
  checkClientMayUseGrant,
  proveSender,
  runGrant,
  answer,
] as const;

/** RFC 6749 §3.2 */
export const tokenEndpoint: Endpoint = {
  path: '/oauth/token',
  methods: ['POST'],
  schema: tokenSchema,
  metadata: (url, deps) => ({
    token_endpoint: url,
    ...clientAuthenticationMetadata('token', deps),
    dpop_signing_alg_values_supported: CLIENT_SIGNATURE_ALGORITHMS,
    grant_types_supported: [...GRANTS.keys()],
  }),
  handle: (exchange) =>
    measureTokenRequest(
      exchange.deps,
      // A grant type that we serve or none at all: a caller's text is no label.
      () => (exchange as Partial<TokenExchange>).grant?.type ?? 'unknown',
      () => runSteps<TokenExchange>(exchange, STEPS),
    ),
};

function tokenAnswer(tokens: GrantAnswer): Record<string, unknown> {
  return {
    access_token: tokens.accessToken,
    ...(tokens.issuedTokenType !== undefined && { issued_token_type: tokens.issuedTokenType }),
    token_type: tokens.tokenType,
    expires_in: tokens.expiresInSeconds,
    ...(tokens.refreshToken !== null && { refresh_token: tokens.refreshToken }),
    ...(tokens.idToken !== null && { id_token: tokens.idToken }),
    scope: tokens.scopes.join(' '),
    ...(tokens.authorizationDetails.length > 0 && { authorization_details: tokens.authorizationDetails }),
  };
}
