import { redeemAuthorizationCode } from '../../identity/authorization/codes.js';
import type { Grant } from './grant.js';

/** RFC 6749 §4.1.3 with PKCE (RFC 7636 §4.5), which every client needs (RFC 9700 §2.1.1). */
export const authorizationCodeGrant: Grant = {
  type: 'authorization_code',
  async exchange({ deps, client, parameters, origin, sender }) {
    const code = parameters.require('code');
    const redirectUri = parameters.require('redirect_uri');
    const codeVerifier = parameters.require('code_verifier');
    const resources = parameters.all('resource');
    return redeemAuthorizationCode(
      deps,
      { code, client, redirectUri, codeVerifier, resources, sender },
      origin,
    );
  },
};
