import { notApplicable, type Specification, shown } from '../requirement.js';
import { edges, OF_THE_CLIENT, TLS, token, userinfo } from '../suites.js';

const FORGED = userinfo('refuses every forged, expired or foreign token alike');

export const rfc6750: Specification = {
  name: 'RFC 6750',
  title: 'Bearer Token Usage',
  url: 'https://www.rfc-editor.org/rfc/rfc6750',
  requirements: [
    shown('2', 'refuse a token that is sent in two ways', userinfo('refuses tokens in two places')),
    shown(
      '2.1',
      'take the token from the Authorization header',
      userinfo('tells the claims that the scopes name, by GET and by POST'),
    ),
    shown(
      '2.2',
      'take the token from a form only, never from another kind of body',
      edges('takes an access token from a form, not from JSON, and not at GET (RFC 6750 §2.2)'),
    ),
    shown('2.3', 'take no token from an address', userinfo('takes no token from the query string')),
    shown(
      '3',
      'challenge every request that lacks a good token, with the scheme Bearer',
      userinfo('challenges a request without a token, and names no error'),
      FORGED,
    ),
    shown(
      '3',
      'repeat no attribute in a challenge, and keep to the characters allowed in it',
      edges('repeats no attribute in a challenge, and keeps to the characters allowed (RFC 6750 §3)'),
    ),
    shown(
      '3',
      'name the scope that is needed as one list',
      userinfo('refuses a token without openid, and one of a client itself, with 403 and the scope'),
    ),
    shown(
      '3.1',
      'answer a malformed request with 400 invalid_request',
      userinfo('refuses an Authorization header that names Bearer and holds no token'),
    ),
    shown('3.1', 'answer a bad token with 401 invalid_token', FORGED),
    shown(
      '3.1',
      'answer a token that is not enough with 403 insufficient_scope',
      userinfo('refuses a token without openid, and one of a client itself, with 403 and the scope'),
    ),
    shown(
      '3.1',
      'name no error where there were no credentials',
      userinfo('challenges a request without a token, and names no error'),
    ),
    shown(
      '4',
      'answer with the token type Bearer',
      token('password issues tokens to a first-party client, by e-mail address in any case'),
    ),
    shown('5.2', 'protect tokens against change', FORGED),
    shown('5.2', 'serve TLS', TLS),
    shown(
      '5.2',
      'bound the audience of a token',
      'an access token is refused at this API when it is for another one, but not at the introspection',
    ),
    shown(
      '5.3',
      'keep tokens out of cookies that travel in the clear',
      'the cookies are bound to the host, to https and to their path when the issuer is https',
    ),
    shown('5.3', 'issue tokens that live shortly', 'an access token is refused when it has expired'),
    notApplicable('5.3', 'check the chain of the certificate', OF_THE_CLIENT),
  ],
};
