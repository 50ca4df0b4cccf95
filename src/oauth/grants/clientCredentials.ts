import { AppError } from '../../errors.js';
import { issueClientTokens } from '../../identity/tokens/issueClientTokens.js';
import { readAuthorizationDetails } from '../authorizationDetails.js';
import { resourcesFor } from '../resources.js';
import { scopesFor } from '../scopes.js';
import type { Grant } from './grant.js';

/** Scopes that speak of a person: a client that acts for itself has no identity, profile or refresh token to give. */
const ABOUT_A_USER = new Set(['openid', 'profile', 'email', 'phone', 'address', 'offline_access']);

/** RFC 6749 §4.4: confidential clients only, no refresh token. */
export const clientCredentialsGrant: Grant = {
  type: 'client_credentials',
  async exchange({ deps, client, parameters, sender }) {
    if (client.tokenEndpointAuthMethod === 'none') {
      throw new AppError('UNAUTHORIZED_CLIENT', `client ${client._id} is public`);
    }
    const scope = parameters.get('scope');
    const scopes = scopesFor(client, scope).filter((one) => scope !== undefined || !ABOUT_A_USER.has(one));
    if (scopes.some((one) => ABOUT_A_USER.has(one))) {
      throw new AppError('INVALID_SCOPE', 'a scope about a user was asked for without one');
    }
    const details = parameters.get('authorization_details');
    return issueClientTokens(deps, {
      client,
      scopes,
      sender,
      resources: resourcesFor(deps, client, parameters.all('resource')),
      ...(details !== undefined && {
        authorizationDetails: readAuthorizationDetails(deps, client, details),
      }),
    });
  },
};
