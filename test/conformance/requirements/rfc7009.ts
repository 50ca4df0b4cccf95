import { notApplicable, type Specification, shown } from '../requirement.js';
import { clientAuthentication, discovery, malformed, OF_THE_CLIENT, revoke, TLS } from '../suites.js';

export const rfc7009: Specification = {
  name: 'RFC 7009',
  title: 'Token Revocation',
  url: 'https://www.rfc-editor.org/rfc/rfc7009',
  compared: '§2.1 as quoted in its errata; the rest is not compared',
  requirements: [
    shown(
      '2',
      'revoke refresh tokens; access tokens too where it can',
      revoke('ends the family of a refresh token with the hint undefined'),
      revoke('ends an access token at once, and no other, with the hint undefined'),
    ),
    shown(
      '2',
      'be found, and trusted, by discovery',
      discovery('names what is mounted, under both names, with and without the path of the issuer'),
    ),
    shown('2', 'serve TLS', TLS),
    shown('2.1', 'take POST of a form', malformed('answers GET /oauth/revoke with 405 and Allow: POST')),
    shown('2.1', 'refuse a request without a token', revoke('refuses a request without a token or with two')),
    shown(
      '2.1',
      'look further where the hint leads nowhere, and past a hint that it does not know',
      revoke('ends an access token at once, and no other, with the hint refresh_token'),
      revoke('ends the family of a refresh token with the hint access_token'),
      revoke('ends the family of a refresh token with the hint pineapple'),
    ),
    shown(
      '2.1',
      'authenticate the client first',
      revoke('refuses a client that does not authenticate, before it looks at the token'),
    ),
    shown(
      '2.1',
      'let public clients revoke what is theirs',
      revoke('lets a public client revoke its own tokens'),
    ),
    shown(
      '2.1',
      'refuse a token of another client, and tell the client so',
      revoke("refuses another client's tokens, which live on"),
    ),
    shown(
      '2.1',
      'revoke at once',
      revoke('ends an access token at once, and no other, with the hint access_token'),
    ),
    shown(
      '2.1',
      'end the access tokens of a grant with its refresh token',
      'a refresh token at the revocation ends its family with the access tokens, and may be repeated',
    ),
    shown(
      '2.2',
      'answer 200 whether or not there was such a token',
      revoke('answers 200 for tokens that are unknown, expired, revoked already or no tokens at all'),
    ),
    shown(
      '2.2.1',
      'refuse by the error answers of RFC 6749 §5.2',
      clientAuthentication('refuses a wrong secret with 401 and a challenge'),
      revoke('refuses a request without a token or with two'),
    ),
    notApplicable(
      '2.2.1',
      'tell of a kind of token that cannot be revoked',
      'every kind that is issued can be',
    ),
    notApplicable('2.2.1', 'try again after 503', OF_THE_CLIENT),
    notApplicable('2.3', 'JSONP', 'is not offered; browsers use CORS'),
    shown(
      '5',
      'protect the endpoint against guessing and floods',
      'the general limit tells quota and rest in RateLimit and RateLimit-Policy, then refuses with 429 and Retry-After',
    ),
  ],
};
