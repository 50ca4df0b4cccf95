import type { AuthorizationRequest, Prompt } from '../../identity/authorization/request.js';
import { attainsOneOf } from '../../identity/sessions/acr.js';
import { readIdTokenHint } from '../../identity/tokens/idTokenHint.js';
import { userNamedBy } from '../../identity/tokens/subject.js';
import { readAuthorizationDetails } from '../authorizationDetails.js';
import type { Step } from '../endpoint.js';
import { AuthorizationError } from '../errors.js';
import type { Parameters } from '../parameters.js';
import { resourcesFor } from '../resources.js';
import { scopesFor } from '../scopes.js';
import { type ReadClaims, readClaimsParameter } from './claimsParameter.js';
import type { AuthorizeExchange } from './exchange.js';
import { invalid } from './invalid.js';
import type { Receiver } from './respond.js';

type Draft = { -readonly [K in keyof AuthorizationRequest]?: AuthorizationRequest[K] };

const PROMPTS: ReadonlySet<string> = new Set<Prompt>(['none', 'login', 'consent', 'select_account']);
const SECONDS = /^(?:0|[1-9]\d{0,8})$/;
/** RFC 7638 thumbprint: base64url of a SHA-256 digest. */
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;
const MOST_WORDS = 20;

/** Everything of a request that is left, in the words of OpenID Connect Core §3.1.2.1, RFC 8707, RFC 9396, RFC 9449 §10. */
export const readRequest: Step<AuthorizeExchange> = async (exchange) => {
  const { deps, parameters, client } = exchange;
  const { redirectUri, responseMode, state } = exchange.receiver as Receiver;
  const scopes = scopesFor(client, parameters.get('scope'));
  const read = readClaims(parameters, scopes, client.scopes);
  const nonce = parameters.get('nonce');
  const maxAgeSeconds = readMaxAge(parameters);
  const loginHint = parameters.get('login_hint');
  const uiLocales = words(parameters.get('ui_locales'));
  const acrValues = [...words(parameters.get('acr_values')), ...(read?.voluntaryAcrs ?? [])];
  const expectedUserId = await readExpectedUser(exchange, read?.subject);
  const resources = resourcesFor(deps, client, parameters.all('resource'));
  const details = parameters.get('authorization_details');
  const senderKey = readSenderKey(parameters);
  if (read && read.essentialAcrs.length > 0 && !attainsOneOf(read.essentialAcrs)) {
    throw new AuthorizationError('unmet_authentication_requirements', 'no requested acr can be reached');
  }
  const optional: Draft = {
    ...(state !== undefined && { state }),
    ...(nonce !== undefined && { nonce }),
    ...(maxAgeSeconds !== undefined && { maxAgeSeconds }),
    ...(loginHint !== undefined && { loginHint }),
    ...(expectedUserId !== undefined && { expectedUserId }),
    ...(uiLocales.length > 0 && { uiLocales }),
    ...(acrValues.length > 0 && { acrValues }),
    ...(read && { claims: read.claims }),
    ...(read && read.essentialAcrs.length > 0 && { essentialAcrs: read.essentialAcrs }),
    ...(resources.length > 0 && { resources }),
    ...(details !== undefined && { authorizationDetails: readAuthorizationDetails(deps, client, details) }),
    ...(senderKey !== undefined && { senderKey }),
  };
  exchange.authorization = {
    ...optional,
    redirectUri,
    responseMode,
    clientId: client._id,
    scopes,
    prompts: readPrompts(parameters),
    codeChallenge: parameters.require('code_challenge'),
  };
};

/** OpenID Connect Core §5.5: the parameter belongs to OpenID requests; of others it is unknown, and so ignored. */
function readClaims(
  parameters: Parameters,
  scopes: readonly string[],
  clientScopes: readonly string[],
): ReadClaims | undefined {
  const text = parameters.get('claims');
  return text === undefined || !scopes.includes('openid')
    ? undefined
    : readClaimsParameter(text, clientScopes);
}

function readPrompts(parameters: Parameters): Prompt[] {
  const prompts = words(parameters.get('prompt'));
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

function readSenderKey(parameters: Parameters): string | undefined {
  const thumbprint = parameters.get('dpop_jkt');
  if (thumbprint !== undefined && !THUMBPRINT.test(thumbprint)) throw invalid('dpop_jkt is malformed');
  return thumbprint;
}

/**
 * From `id_token_hint`, or from the claim `sub` with a value (OpenID Connect Core §5.5.1). A hint that was issued to
 * another client, or by nobody we know, is refused rather than overlooked.
 */
async function readExpectedUser(
  { deps, parameters, client }: AuthorizeExchange,
  subject: string | undefined,
): Promise<string | undefined> {
  const hint = parameters.get('id_token_hint');
  const named = subject === undefined ? undefined : userNamedBy(deps, client, subject);
  if (hint === undefined) return named;
  const { userId, clientId } = await readIdTokenHint(deps, hint);
  if (clientId !== client._id) throw invalid('id_token_hint was issued to another client');
  if (named !== undefined && named !== userId) throw invalid('id_token_hint and claims name two subjects');
  return userId;
}

/** Space-separated, each once. */
function words(text = ''): string[] {
  return [...new Set(text.split(' ').filter(Boolean))].slice(0, MOST_WORDS);
}
