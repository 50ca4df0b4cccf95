import { AppError } from '../errors.js';
import { browserKeyOf } from '../http/browserKey.js';
import { clearRefreshCookie, clearSessionCookie, readSessionCookie } from '../http/cookies.js';
import { keepPending } from '../identity/authorization/pending.js';
import { findSessionByCookie, revokeSession } from '../identity/sessions/sessions.js';
import { readIdTokenHint } from '../identity/tokens/idTokenHint.js';
import type { Client } from '../models/client.js';
import { redirectWithin } from './authorize/proceed.js';
import { refuse } from './authorize/refuse.js';
import { logoutSchema } from './documentation/browser.js';
import { type Endpoint, type Exchange, forbidCaching, runSteps, type Step } from './endpoint.js';
import { type Parameters, readFrontChannel } from './parameters.js';

interface LogoutExchange extends Exchange {
  parameters: Parameters;
  client: Client | null;
  /** The session that the hint was issued in. */
  hintedSessionId: string | null;
  /** Where the browser may go afterwards, with `state`. */
  returnTo: string | null;
}

const takeParameters: Step<LogoutExchange> = (exchange) => {
  const { parameters, repeated } = readFrontChannel(exchange.request);
  if (repeated.size > 0) throw invalid('a parameter must not be repeated');
  exchange.parameters = parameters;
};

/** RP-Initiated Logout §2: by `id_token_hint`, by `client_id`, or both, which must agree then. */
const findClient: Step<LogoutExchange> = async (exchange) => {
  const { deps, parameters } = exchange;
  const named = parameters.get('client_id');
  const hint = parameters.get('id_token_hint');
  const read = hint === undefined ? null : await readIdTokenHint(deps, hint);
  const hinted = read?.clientId;
  exchange.hintedSessionId = read?.sessionId ?? null;
  if (named !== undefined && hinted !== undefined && named !== hinted) {
    throw invalid('id_token_hint was issued to another client');
  }
  const clientId = hinted ?? named;
  exchange.client =
    clientId === undefined
      ? null
      : await deps.models.clients.findOne({ _id: clientId, status: 'active' }).lean<Client>();
};

/** §3: exactly one of those that the client registered, else nobody is sent anywhere. */
const proveReturnAddress: Step<LogoutExchange> = (exchange) => {
  const { client, parameters } = exchange;
  const uri = parameters.get('post_logout_redirect_uri');
  exchange.returnTo = null;
  if (uri === undefined) return;
  if (!client?.postLogoutRedirectUris.includes(uri))
    throw invalid('post_logout_redirect_uri is not registered');
  const state = parameters.get('state');
  const query = state === undefined ? '' : new URLSearchParams({ state }).toString();
  exchange.returnTo = query === '' ? uri : `${uri}${uri.includes('?') ? '&' : '?'}${query}`;
};

/**
 * §2: an ID token of the very session that this browser is signed in with proves that the app behind it asks. Anything
 * less, such as an ID token of an older session, leads to the question: any page can send a browser here.
 */
const signOutOrAsk: Step<LogoutExchange> = async (exchange) => {
  const { deps, request, reply, client, returnTo, hintedSessionId } = exchange;
  const cookie = readSessionCookie(request, deps.config);
  const session = cookie === undefined ? null : await findSessionByCookie(deps, cookie);
  if (session && client && hintedSessionId === session._id) {
    const actor = { kind: 'user', id: session.userId, clientId: client._id, sessionId: session._id } as const;
    await revokeSession(deps, session._id, 'signed out', actor, request.origin);
    clearSessionCookie(reply, deps.config);
    clearRefreshCookie(reply, deps.config);
    if (returnTo === null) redirectWithin(exchange, '/sign-out', '');
    else void reply.redirect(returnTo, 303);
    return;
  }
  // RFC 9700 §4.11.2: anybody can register a client, and send people by our address to theirs.
  const isStranger = client?.dynamicallyRegistered === true;
  // A form of another site brings no cookie: the page that follows can tell.
  if (!session && returnTo !== null && request.method === 'GET' && !isStranger) {
    void reply.redirect(returnTo, 303);
    return;
  }
  const browserKey = browserKeyOf(exchange.request, exchange.reply, exchange.deps.config);
  const signOut = { returnTo, isStranger, clientName: client?.name ?? null };
  redirectWithin(exchange, '/sign-out', await keepPending(deps, 'signOut', browserKey, signOut));
};

const STEPS = [forbidCaching, takeParameters, findClient, proveReturnAddress, signOutOrAsk] as const;

/** OpenID Connect RP-Initiated Logout 1.0 §2, and what discovery says of Back-Channel Logout (§2.1 of it). */
export const logoutEndpoint: Endpoint = {
  path: '/oauth/logout',
  methods: ['GET', 'POST'],
  schema: logoutSchema,
  metadata: (url) => ({
    end_session_endpoint: url,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
  }),
  async handle(exchange) {
    try {
      await runSteps<LogoutExchange>(exchange, STEPS);
    } catch (error) {
      await refuse(exchange, error, undefined);
    }
  },
};

function invalid(publicMessage: string): AppError {
  return new AppError('INVALID_REQUEST', `logout request: ${publicMessage}`, { publicMessage });
}
