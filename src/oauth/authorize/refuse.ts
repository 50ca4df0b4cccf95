import { AppError } from '../../errors.js';
import { acceptsHtml, logError } from '../../http/errorReply.js';
import { toAppError } from '../../http/errors.js';
import type { Exchange } from '../endpoint.js';
import { describe, wireOf } from '../errors.js';
import { type Receiver, sendToClient } from './respond.js';

/**
 * Tells the client what is wrong when client and redirect URI are proven, else the person: an error that goes to an
 * unproven address is an open redirect (RFC 6749 §4.1.2.1).
 * @throws AppError for a program that asks without a browser; the endpoint's own errors answer it
 */
export async function refuse(
  exchange: Exchange,
  thrown: unknown,
  receiver: Receiver | undefined,
): Promise<void> {
  const { deps, request, reply } = exchange;
  const error = toAppError(thrown);
  if (receiver) {
    const wire = wireOf(error);
    logError(deps.logger, request, error, wire.status);
    const answer = { error: wire.error, error_description: describe(error) };
    await sendToClient(exchange, receiver, answer);
    return;
  }
  const { render } = request.server.errorPages;
  if (!render || !acceptsHtml(request)) throw error;
  logError(deps.logger, request, error, wireOf(error).status);
  render(request, reply, forPeople(error));
}

/** A client that is not known is a fault of the address, not of a sign-in: 400, without a challenge. */
function forPeople(error: AppError): AppError {
  if (error.code !== 'INVALID_CLIENT') return error;
  return new AppError('INVALID_REQUEST', error.message, {
    publicMessage: 'The app that sent you here is not known.',
  });
}
