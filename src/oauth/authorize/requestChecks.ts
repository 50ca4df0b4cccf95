import { AppError } from '../../errors.js';
import type { Carrier, ResponseMode } from '../../identity/authorization/request.js';
import { assertMayUse } from '../../identity/tokens/tokenGrant.js';
import type { Client } from '../../models/client.js';
import type { Step } from '../endpoint.js';
import { AuthorizationError } from '../errors.js';
import { readFrontChannel } from '../parameters.js';
import type { AuthorizeExchange } from './exchange.js';
import { invalid } from './invalid.js';
import { readRequest } from './readRequest.js';
import { isRegisteredRedirectUri } from './redirectUri.js';
import { noteOutsideReceiver, openSource } from './requestSource.js';

const CARRIERS: readonly Carrier[] = ['query', 'fragment', 'form_post'];
/** JARM §2.3.4: `jwt` is the carrier of the response type as a JWT, for a code the query. */
const RESPONSE_MODES: ReadonlyMap<string, ResponseMode> = new Map<string, ResponseMode>([
  ...CARRIERS.map((carrier) => [carrier, carrier] as const),
  ...CARRIERS.map((carrier) => [`${carrier}.jwt`, `${carrier}.jwt`] as const),
  ['jwt', 'query.jwt'],
]);
export const RESPONSE_MODE_NAMES: readonly string[] = [...RESPONSE_MODES.keys()];
/** Base64url of a SHA-256 digest (RFC 7636 §4.2). */
const S256_CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

const takeParameters: Step<AuthorizeExchange> = (exchange) => {
  Object.assign(exchange, readFrontChannel(exchange.request));
};

const findClient: Step<AuthorizeExchange> = async (exchange) => {
  const { deps, parameters, repeated } = exchange;
  const clientId = parameters.require('client_id');
  const client = await deps.models.clients.findOne({ _id: clientId, status: 'active' }).lean<Client>();
  if (!client || repeated.has('client_id')) throw new AppError('INVALID_CLIENT', 'no such client');
  exchange.client = client;
};

/** OpenID Connect Core §3.1.2.1: required, and one of those registered. */
const proveRedirectUri: Step<AuthorizeExchange> = (exchange) => {
  const { client, parameters, repeated } = exchange;
  const redirectUri = parameters.require('redirect_uri');
  if (repeated.has('redirect_uri') || !isRegisteredRedirectUri(client.redirectUris, redirectUri)) {
    throw new AppError('INVALID_REQUEST', `client ${client._id} has not registered the redirect URI`, {
      publicMessage: 'The app that sent you here named an address of its own that it has not registered.',
    });
  }
  const state = repeated.has('state') ? undefined : parameters.get('state');
  exchange.receiver = { client, redirectUri, responseMode: 'query', ...(state !== undefined && { state }) };
};

const chooseResponseMode: Step<AuthorizeExchange> = (exchange) => {
  const { parameters, receiver } = exchange;
  const responseMode = RESPONSE_MODES.get(parameters.get('response_mode') ?? 'query');
  if (!responseMode) throw invalid('response_mode is not supported');
  if (receiver) exchange.receiver = { ...receiver, responseMode };
};

/** RFC 6749 §3.1: "Request and response parameters MUST NOT be included more than once." */
const refuseRepeated: Step<AuthorizeExchange> = ({ repeated }) => {
  if (repeated.size > 0) throw invalid('a parameter must not be repeated');
};

/** RFC 9126 §5 and §6. What was pushed may not be handed in by the browser instead. */
const demandPush: Step<AuthorizeExchange> = ({ deps, client, isPushed }) => {
  const { requirePushedRequests } = deps.config.authorization;
  if (isPushed || !(requirePushedRequests || client.requirePushedAuthorizationRequests)) return;
  throw invalid('the request must be pushed first (RFC 9126)');
};

/** RFC 9101 §10.5: else an attacker would leave the signature out. */
const demandSignature: Step<AuthorizeExchange> = ({ client, isSigned }) => {
  if (isSigned || !client.requireSignedRequestObject) return;
  throw invalid('the request must be a signed request object (RFC 9101)');
};

/** It would change what the request means, so that silence would mislead. */
const refuseRegistration: Step<AuthorizeExchange> = ({ parameters }) => {
  if (parameters.get('registration') === undefined) return;
  throw new AuthorizationError('registration_not_supported', 'registration is not supported');
};

const checkResponseType: Step<AuthorizeExchange> = ({ parameters, client }) => {
  if (parameters.require('response_type') !== 'code') {
    throw new AuthorizationError('unsupported_response_type', 'only response_type=code is supported');
  }
  assertMayUse(client, 'authorization_code');
};

/** RFC 7636 §4.3, RFC 9700 §2.1.1: for every client, and never `plain`, which is what an absent method means. */
const checkChallenge: Step<AuthorizeExchange> = ({ parameters }) => {
  const challenge = parameters.get('code_challenge');
  if (challenge === undefined) throw invalid('code_challenge is required (RFC 7636)');
  if (parameters.get('code_challenge_method') !== 'S256') throw invalid('code_challenge_method must be S256');
  if (!S256_CHALLENGE.test(challenge)) throw invalid('code_challenge is malformed');
};

/** What the parameters themselves must be, wherever they came from. */
export const PARAMETER_CHECKS: readonly Step<AuthorizeExchange>[] = [
  proveRedirectUri,
  chooseResponseMode,
  refuseRepeated,
  demandPush,
  demandSignature,
  refuseRegistration,
  checkResponseType,
  checkChallenge,
  readRequest,
];

/** What every authorization request of a browser passes, in this order. */
export const CHECKS: readonly Step<AuthorizeExchange>[] = [
  takeParameters,
  findClient,
  noteOutsideReceiver,
  openSource,
  ...PARAMETER_CHECKS,
];
