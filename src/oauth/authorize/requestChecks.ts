import { AppError } from '../../errors.js';
import type { AuthorizationRequest, Prompt, ResponseMode } from '../../identity/authorization/request.js';
import { readIdTokenHint } from '../../identity/tokens/idTokenHint.js';
import type { Client } from '../../models/client.js';
import type { Exchange, Step } from '../endpoint.js';
import { AuthorizationError } from '../errors.js';
import { type Parameters, readFrontChannel } from '../parameters.js';
import { scopesFor } from '../scopes.js';
import { isRegisteredRedirectUri } from './redirectUri.js';
import type { Receiver } from './respond.js';

/** What the checks find out, in their order. */
export interface AuthorizeExchange extends Exchange {
  parameters: Parameters;
  repeated: ReadonlySet<string>;
  client: Client;
  /** Set once client and redirect URI are proven: from then on the client is told what is wrong. */
  receiver?: Receiver;
  authorization: AuthorizationRequest;
}

type Draft = { -readonly [K in keyof AuthorizationRequest]?: AuthorizationRequest[K] };

export const RESPONSE_MODES: readonly ResponseMode[] = ['query', 'fragment', 'form_post'];
const PROMPTS: ReadonlySet<string> = new Set<Prompt>(['none', 'login', 'consent', 'select_account']);
/** Base64url of a SHA-256 digest (RFC 7636 §4.2). */
const S256_CHALLENGE = /^[A-Za-z0-9_-]{43}$/;
const SECONDS = /^(?:0|[1-9]\d{0,8})$/;
/** Where they stand in a request they change what it means, so that silence would mislead. */
const NOT_SUPPORTED = [
  ['request', 'request_not_supported'],
  ['request_uri', 'request_uri_not_supported'],
  ['registration', 'registration_not_supported'],
] as const;

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
  exchange.receiver = { redirectUri, responseMode: 'query', ...(state !== undefined && { state }) };
};

const chooseResponseMode: Step<AuthorizeExchange> = (exchange) => {
  const { parameters, receiver } = exchange;
  const responseMode = (parameters.get('response_mode') ?? 'query') as ResponseMode;
  if (!RESPONSE_MODES.includes(responseMode)) throw invalid('response_mode is not supported');
  if (receiver) exchange.receiver = { ...receiver, responseMode };
};

/** RFC 6749 §3.1: "Request and response parameters MUST NOT be included more than once." */
const refuseRepeated: Step<AuthorizeExchange> = ({ repeated }) => {
  if (repeated.size > 0) throw invalid('a parameter must not be repeated');
};

const refuseUnsupported: Step<AuthorizeExchange> = ({ parameters }) => {
  for (const [name, error] of NOT_SUPPORTED) {
    if (parameters.get(name) !== undefined) throw new AuthorizationError(error, `${name} is not supported`);
  }
};

const checkResponseType: Step<AuthorizeExchange> = ({ parameters, client }) => {
  if (parameters.require('response_type') !== 'code') {
    throw new AuthorizationError('unsupported_response_type', 'only response_type=code is supported');
  }
  if (client.grantTypes.includes('authorization_code')) return;
  throw new AppError('UNAUTHORIZED_CLIENT', `client ${client._id} may not use authorization_code`);
};

/** RFC 7636 §4.3, RFC 9700 §2.1.1: for every client, and never `plain`, which is what an absent method means. */
const checkChallenge: Step<AuthorizeExchange> = ({ parameters }) => {
  const challenge = parameters.get('code_challenge');
  if (challenge === undefined) throw invalid('code_challenge is required (RFC 7636)');
  if (parameters.get('code_challenge_method') !== 'S256') throw invalid('code_challenge_method must be S256');
  if (!S256_CHALLENGE.test(challenge)) throw invalid('code_challenge is malformed');
};

/** Everything that is left, in the words of OpenID Connect Core §3.1.2.1. */
const readRequest: Step<AuthorizeExchange> = async (exchange) => {
  const { parameters, client, receiver } = exchange;
  const nonce = parameters.get('nonce');
  const maxAgeSeconds = readMaxAge(parameters);
  const loginHint = parameters.get('login_hint');
  const prompts = readPrompts(parameters);
  const scopes = scopesFor(client, parameters.get('scope'));
  const expectedUserId = await readExpectedUser(exchange);
  const optional: Draft = {
    ...(nonce !== undefined && { nonce }),
    ...(maxAgeSeconds !== undefined && { maxAgeSeconds }),
    ...(loginHint !== undefined && { loginHint }),
    ...(expectedUserId !== undefined && { expectedUserId }),
  };
  exchange.authorization = {
    ...(receiver as Receiver),
    ...optional,
    clientId: client._id,
    scopes,
    prompts,
    codeChallenge: parameters.require('code_challenge'),
  };
};

/** What every authorization request passes, in this order. */
export const CHECKS: readonly Step<AuthorizeExchange>[] = [
  takeParameters,
  findClient,
  proveRedirectUri,
  chooseResponseMode,
  refuseRepeated,
  refuseUnsupported,
  checkResponseType,
  checkChallenge,
  readRequest,
];

function readPrompts(parameters: Parameters): Prompt[] {
  const prompts = [...new Set((parameters.get('prompt') ?? '').split(' ').filter(Boolean))];
  if (!prompts.every((prompt) => PROMPTS.has(prompt))) throw invalid('prompt has an unknown value');
  if (prompts.includes('none') && prompts.length > 1) throw invalid('prompt=none allows no other value');
  return prompts as Prompt[];
}

function readMaxAge(parameters: Parameters): number | undefined {
  const text = parameters.get('max_age');
  if (text === undefined) return undefined;
  if (!SECONDS.test(text)) throw invalid('max_age must be a number of seconds');
  return Number(text);
}

/** A hint that was issued to another client, or by nobody we know, is refused rather than overlooked. */
async function readExpectedUser({
  deps,
  parameters,
  client,
}: AuthorizeExchange): Promise<string | undefined> {
  const hint = parameters.get('id_token_hint');
  if (hint === undefined) return undefined;
  const { userId, clientId } = await readIdTokenHint(deps, hint);
  if (clientId !== client._id) throw invalid('id_token_hint was issued to another client');
  return userId;
}

function invalid(publicMessage: string): AppError {
  return new AppError('INVALID_REQUEST', `authorization request: ${publicMessage}`, { publicMessage });
}
