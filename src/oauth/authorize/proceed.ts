import { AppError } from '../../errors.js';
import { basePathOf } from '../../http/basePath.js';
import { browserKeyOf } from '../../http/browserKey.js';
import { readSessionCookie } from '../../http/cookies.js';
import { issueAuthorizationCode } from '../../identity/authorization/codes.js';
import { type Interaction, judgeSituation } from '../../identity/authorization/interaction.js';
import { endPending, keepPending } from '../../identity/authorization/pending.js';
import type { AuthorizationRequest, Progress } from '../../identity/authorization/request.js';
import { findConsent } from '../../identity/consents.js';
import { authenticateRequest } from '../../identity/sessions/authenticate.js';
import { demandedAcr } from '../../identity/signIn/demandedAcr.js';
import type { Client } from '../../models/client.js';
import type { Session } from '../../models/session.js';
import type { Exchange } from '../endpoint.js';
import { AuthorizationError, type AuthorizationErrorName } from '../errors.js';
import { sendToClient } from './respond.js';

/** A request on its way: `pendingId` once it has been kept. */
export interface Authorization {
  readonly request: AuthorizationRequest;
  readonly client: Client;
  readonly progress: Progress;
  readonly pendingId: string | null;
}

const PAGES: Record<Interaction, { path: string; error: AuthorizationErrorName }> = {
  signIn: { path: '/sign-in', error: 'login_required' },
  selectAccount: { path: '/accounts', error: 'account_selection_required' },
  consent: { path: '/consent', error: 'consent_required' },
};

/**
 * Answers the request if nobody has to be asked, else leads to the page that asks. With a session and a consent that is
 * one redirect. @throws AppError, which the client is told
 */
export async function proceed(exchange: Exchange, authorization: Authorization): Promise<void> {
  const { deps, request: http } = exchange;
  const { request, client, progress, pendingId } = authorization;
  if (progress.refused) throw new AuthorizationError('access_denied', 'the person refused');
  const cookie = readSessionCookie(http, deps.config);
  const { session, user } = await authenticateRequest(deps, { cookie }, http.origin);
  const consent = session && (await findConsent(deps, session.userId, client._id));
  const outcome = judgeSituation({
    request,
    client,
    progress,
    session,
    consent,
    ...(user && { demandedAcr: demandedAcr(deps, user, [client._id]) }),
    now: deps.clock(),
  });
  if ('interaction' in outcome) {
    if (outcome.interaction === 'signIn' && session) assertSignInMayHelp(authorization, session);
    await ask(exchange, authorization, outcome.interaction);
    return;
  }
  if (pendingId !== null && !(await endPending(deps, 'authorization', pendingId))) {
    throw new AppError('INVALID_GRANT', 'the request was answered already');
  }
  const code = await issueAuthorizationCode(deps, request, outcome, http.origin);
  await sendToClient(exchange, { ...request, client }, { code });
}

/** Whoever was asked has signed in for this request: asking again would change nothing. */
function assertSignInMayHelp({ request, progress }: Authorization, session: Session): void {
  if (progress.signedIn !== session._id) return;
  if (request.expectedUserId !== undefined && request.expectedUserId !== session.userId) {
    throw new AuthorizationError('login_required', 'another person signed in');
  }
  throw new AuthorizationError('unmet_authentication_requirements', 'the requested acr was not reached');
}

async function ask(
  exchange: Exchange,
  authorization: Authorization,
  interaction: Interaction,
): Promise<void> {
  const { path, error } = PAGES[interaction];
  if (authorization.request.prompts.includes('none')) {
    throw new AuthorizationError(error, 'the person would have to be asked');
  }
  const id = authorization.pendingId ?? (await keep(exchange, authorization.request));
  redirectWithin(exchange, path, id);
}

/** Keeps the request on the server and ties it to this browser. */
export async function keep(exchange: Exchange, request: AuthorizationRequest): Promise<string> {
  const browserKey = browserKeyOf(exchange.request, exchange.reply, exchange.deps.config);
  return keepPending(exchange.deps, 'authorization', browserKey, { request, progress: {} });
}

/** To another address of ours, with nothing but the opaque id. */
export function redirectWithin({ deps, reply }: Exchange, path: string, id: string): void {
  void reply.redirect(`${basePathOf(deps.config)}${path}?request=${id}`, 303);
}
