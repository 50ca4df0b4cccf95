import { AppError } from '../../errors.js';
import { readSessionCookie } from '../../http/cookies.js';
import { acceptsHtml, logError } from '../../http/errorReply.js';
import { toAppError } from '../../http/errors.js';
import { authenticateRequest } from '../../identity/sessions/authenticate.js';
import type { Exchange } from '../endpoint.js';
import { describe, wireOf } from '../errors.js';
import { type Receiver, sendToClient } from './respond.js';

/**
 * Tells the client what is wrong when client and redirect URI are proven, else the person: an error that goes to an
 * unproven address is an open redirect (RFC 6749 §4.1.2.1), and so is one to a stranger's.
 * @throws AppError for a program that asks without a browser; the endpoint's own errors answer it
 */
export async function refuse(
  exchange: Exchange,
  thrown: unknown,
  receiver: Receiver | undefined,
): Promise<void> {
  const { deps, request, reply } = exchange;
  const error = toAppError(thrown);
  const wire = wireOf(error);
  if (receiver && (await mayGoBack(exchange, receiver, wire.error))) {
    logError(deps.logger, request, error, wire.status);
    const answer = { error: wire.error, error_description: describe(error) };
    await sendToClient(exchange, receiver, answer);
    return;
  }
  const { render } = request.server.errorPages;
  if (!render || !acceptsHtml(request)) throw error;
  logError(deps.logger, request, error, wire.status);
  render(request, reply, forPeople(error));
}

/** What a person answered, or would have been asked without `prompt=none`. */
const ANSWERS: ReadonlySet<string> = new Set([
  'access_denied',
  'login_required',
  'consent_required',
  'account_selection_required',
  'interaction_required',
]);

/**
 * RFC 9700 §4.11.2: anybody can register a client, and send people by a request that is wrong on purpose from our address
 * to theirs. Who has signed in knows that they are on the way to an app.
 */
async function mayGoBack({ deps, request }: Exchange, { client }: Receiver, error: string): Promise<boolean> {
  if (!client.dynamicallyRegistered || ANSWERS.has(error)) return true;
  const cookie = readSessionCookie(request, deps.config);
  return (await authenticateRequest(deps, { cookie }, request.origin)).session !== null;
}

/** A client that is not known is a fault of the address, not of a sign-in: 400, without a challenge. */
function forPeople(error: AppError): AppError {
  if (error.code !== 'INVALID_CLIENT') return error;
  return new AppError('INVALID_REQUEST', error.message, {
    publicMessage: 'The app that sent you here is not known.',
  });
}
