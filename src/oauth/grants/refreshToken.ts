import { refreshTokens } from '../../identity/tokens/refreshTokens.js';
import { parseScopes } from '../scopes.js';
import type { Grant } from './grant.js';

/** RFC 6749 §6 with rotation (RFC 9700 §4.14.2); `scope` and `resource` may only narrow the new access token. */
export const refreshTokenGrant: Grant = {
  type: 'refresh_token',
  async exchange({ deps, client, parameters, origin, sender }) {
    const refreshToken = parameters.require('refresh_token');
    const scope = parameters.get('scope');
    return refreshTokens(
      deps,
      {
        refreshToken,
        client,
        sender,
        resources: parameters.all('resource'),
        ...(scope !== undefined && { scopes: parseScopes(scope) }),
      },
      origin,
    );
  },
};
