import { AppError } from '../../errors.js';
import { exchangeToken, type ShownToken } from '../../identity/tokenExchange/exchangeToken.js';
import { TOKEN_TYPES } from '../../identity/tokenExchange/presentedToken.js';
import type { Parameters } from '../parameters.js';
import { resourcesFor } from '../resources.js';
import { parseScopes } from '../scopes.js';
import type { Grant } from './grant.js';

/** RFC 8693 §2.1. What is issued is an access token; `audience` names the same APIs as `resource`. */
export const tokenExchangeGrant: Grant = {
  type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  async exchange({ deps, client, parameters, origin, sender }) {
    const requestedType = parameters.get('requested_token_type') ?? TOKEN_TYPES.accessToken;
    if (requestedType !== TOKEN_TYPES.accessToken) throw invalid('requested_token_type is not offered');
    const subject = readToken(parameters, 'subject_token');
    if (!subject) throw invalid('the parameter subject_token is missing');
    const actor = readToken(parameters, 'actor_token');
    const scope = parameters.get('scope');
    const named = [...parameters.all('resource'), ...parameters.all('audience')];
    const tokens = await exchangeToken(
      deps,
      {
        client,
        subject,
        actor,
        scopes: scope === undefined ? null : parseScopes(scope),
        resources: resourcesFor(deps, client, named),
        sender,
      },
      origin,
    );
    return { ...tokens, issuedTokenType: TOKEN_TYPES.accessToken };
  },
};

/** A token and its type, which RFC 8693 §2.1 demands together. */
function readToken(parameters: Parameters, name: 'subject_token' | 'actor_token'): ShownToken | null {
  const token = parameters.get(name);
  const type = parameters.get(`${name}_type`);
  if (token === undefined && type === undefined) return null;
  if (token === undefined || type === undefined) throw invalid(`${name} and ${name}_type must come together`);
  return { token, type };
}

function invalid(publicMessage: string): AppError {
  return new AppError('INVALID_REQUEST', publicMessage, { publicMessage });
}
