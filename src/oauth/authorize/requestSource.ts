import { isAppError } from '../../errors.js';
import { isPushedRequestUri, takePushedRequest } from '../../identity/authorization/pushed.js';
import type { Step } from '../endpoint.js';
import { AuthorizationError } from '../errors.js';
import { Parameters } from '../parameters.js';
import type { AuthorizeExchange } from './exchange.js';
import { invalid } from './invalid.js';
import { isRegisteredRedirectUri } from './redirectUri.js';
import { fetchRequestObject, openRequestObject } from './requestObject.js';

/**
 * While the parameters are still inside something, a registered redirect URI beside it is where the client is told that
 * it cannot be opened. What comes out of it names its own.
 */
export const noteOutsideReceiver: Step<AuthorizeExchange> = (exchange) => {
  const { client, parameters, repeated } = exchange;
  const redirectUri = parameters.get('redirect_uri');
  if (redirectUri === undefined || repeated.has('redirect_uri')) return;
  if (!isRegisteredRedirectUri(client.redirectUris, redirectUri)) return;
  const state = repeated.has('state') ? undefined : parameters.get('state');
  exchange.receiver = { client, redirectUri, responseMode: 'query', ...(state !== undefined && { state }) };
};

/** Opens what the front channel names: a pushed request (RFC 9126 §4) or a request object (RFC 9101 §5). */
export const openSource: Step<AuthorizeExchange> = async (exchange) => {
  const { deps, client, parameters, repeated } = exchange;
  const requestUri = parameters.get('request_uri');
  if (repeated.has('request_uri')) throw invalid('a parameter must not be repeated');
  if (requestUri === undefined) return openByValue(exchange);
  if (parameters.get('request') !== undefined) throw invalid('request and request_uri exclude each other');
  if (isPushedRequestUri(requestUri)) {
    const pushed = await takePushedRequest(deps, requestUri, client._id).catch((error: unknown) => {
      if (!isAppError(error, 'INVALID_GRANT')) throw error;
      const cause = { cause: error };
      throw new AuthorizationError('invalid_request_uri', 'request_uri is not valid any more', cause);
    });
    exchange.isPushed = true;
    replace(exchange, Parameters.of(pushed.parameters), pushed.isSigned);
    return;
  }
  const text = await fetchRequestObject(deps, client, requestUri);
  replace(exchange, await openRequestObject(deps, client, text), true);
};

/** Opens a request object that stands in the request itself; also of a pushed one (RFC 9126 §3). */
export const openByValue: Step<AuthorizeExchange> = async (exchange) => {
  const { deps, client, parameters, repeated } = exchange;
  const text = parameters.get('request');
  if (text === undefined) return;
  if (repeated.has('request')) throw invalid('a parameter must not be repeated');
  replace(exchange, await openRequestObject(deps, client, text), true);
};

/** RFC 9101 §6.3: what stood beside it counts no more, the redirect URI included. */
function replace(exchange: AuthorizeExchange, parameters: Parameters, isSigned: boolean): void {
  exchange.parameters = parameters;
  exchange.isSigned = isSigned;
  delete exchange.receiver;
}
