import { AppError } from '../../errors.js';
import { enter } from '../../identity/signIn/enter.js';
import { beginSignIn } from '../../identity/signIn/signIn.js';
import { issueUserTokens } from '../../identity/tokens/issueTokens.js';
import { tokenTarget } from '../../identity/tokens/target.js';
import { resourcesFor } from '../resources.js';
import { scopesFor } from '../scopes.js';
import type { Grant } from './grant.js';

/** This grant has one step only: whoever needs more signs in on the sign-in page. */
const WHAT_IS_MISSING = {
  passwordChangeRequired: 'the password must be changed first',
  factorRequired: 'a second factor is needed',
  enrolmentRequired: 'a second factor must be set up first',
} as const;

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
    const context = { origin, binding: origin.userAgent };
    const wanted = { clientId: client._id };
    const outcome = await beginSignIn(deps, { identifier, password, wanted }, context);
    if (outcome.kind !== 'proved') {
      throw new AppError('INVALID_GRANT', `the sign-in would go on with ${outcome.kind}`, {
        publicMessage: WHAT_IS_MISSING[outcome.kind],
      });
    }
    const { session } = await enter(deps, outcome, { clientId: client._id, withCookie: false }, origin);
    const { user } = outcome;
    return issueUserTokens(deps, { user, session, client, scopes, resources, sender });
  },
};
