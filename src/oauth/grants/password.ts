import { AppError } from '../../errors.js';
import { verifyCredentials } from '../../identity/accounts/credentials.js';
import { createSession } from '../../identity/sessions/sessions.js';
import { issueUserTokens } from '../../identity/tokens/issueTokens.js';
import { tokenTarget } from '../../identity/tokens/target.js';
import { resourcesFor } from '../resources.js';
import { scopesFor } from '../scopes.js';
import type { Grant } from './grant.js';

/**
 * RFC 6749 §4.3, for first-party clients only: whoever types a password into an app trusts it with everything
 * (RFC 9700 §2.4). `username` may be an e-mail address, a phone number or a username.
 */
export const passwordGrant: Grant = {
  type: 'password',
  async exchange({ deps, client, parameters, origin, sender }) {
    if (!client.firstParty)
      throw new AppError('UNAUTHORIZED_CLIENT', `client ${client._id} is not first-party`);
    const identifier = parameters.require('username');
    const password = parameters.require('password');
    // Before the password is looked at: a wrong scope or resource must not cost an attempt.
    const scopes = scopesFor(client, parameters.get('scope'));
    const resources = resourcesFor(deps, client, parameters.all('resource'));
    tokenTarget(deps.config, client, resources, { resources, scopes });
    const user = await verifyCredentials(deps, { identifier, password }, origin);
    if (user.mustChangePassword) {
      throw new AppError('INVALID_GRANT', `user ${user._id} must change the password first`, {
        publicMessage: 'the password must be changed first',
      });
    }
    const { session } = await createSession(
      deps,
      { user, clientId: client._id, amr: ['pwd'], withCookie: false },
      origin,
    );
    return issueUserTokens(deps, { user, session, client, scopes, resources, sender });
  },
};
