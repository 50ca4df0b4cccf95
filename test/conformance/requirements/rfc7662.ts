import { deviates, type Specification, shown } from '../requirement.js';
import { edges, introspect, malformed, oauth4webapi, TLS } from '../suites.js';

const INACTIVE = introspect('says only that a token is not active, whatever the reason');

export const rfc7662: Specification = {
  name: 'RFC 7662',
  title: 'Token Introspection',
  url: 'https://www.rfc-editor.org/rfc/rfc7662',
  compared: "its editor's source",
  requirements: [
    shown('2', 'serve TLS', TLS),
    shown('2.1', 'take POST of a form', malformed('answers GET /oauth/introspect with 405 and Allow: POST')),
    shown(
      '2.1',
      'refuse a request without a token',
      edges('refuses an introspection without a token, and one with two (RFC 7662 §2.1)'),
    ),
    shown(
      '2.1',
      'look further where the hint leads nowhere',
      introspect('tells any confidential client what an access token that it holds stands for'),
    ),
    shown(
      '2.1',
      'have the caller prove who it is',
      introspect('is refused to public clients, to strangers and without credentials'),
    ),
    shown(
      '2.2',
      'answer in JSON with `active`',
      introspect('tells any confidential client what an access token that it holds stands for'),
      oauth4webapi('gets a token for a client itself, which an API validates and introspection tells about'),
    ),
    shown('2.2', 'tell of a token that is not active nothing but that', INACTIVE),
    shown(
      '2.2',
      'show a token to nobody that it does not concern',
      introspect('shows a refresh token to its own client only'),
    ),
    shown(
      '2.3',
      'answer a caller that is not proven with 401',
      introspect('is refused to public clients, to strangers and without credentials'),
    ),
    shown('2.3', 'answer a well-formed question about a bad token with 200', INACTIVE),
    shown(
      '4',
      'check everything: end, beginning, revocation, signature',
      INACTIVE,
      introspect('finds tokens inactive whose time is over or whose user is locked'),
    ),
    shown(
      '4',
      'let nobody fish for tokens',
      introspect('counts refusals against the general limit, and no answers'),
    ),
    deviates(
      '4',
      'tell an API only of tokens that can be used there',
      'which client speaks for which API is not known unless the API says so (`introspectionClients`); else every confidential client is told, as far as the token itself tells it',
      'access tokens for resources are told about to the API that they are for, where it says who asks for it (RFC 7662 §4)',
    ),
    shown(
      '2.2',
      'say that a token is not active to a caller that may not ask about it',
      introspect('shows a refresh token to its own client only'),
      'access tokens for resources are told about to the API that they are for, where it says who asks for it (RFC 7662 §4)',
    ),
    shown(
      '4',
      'let no answer be remembered past the end of the token',
      'the cache headers of introspection let an active token be remembered as long as configured and as it lives, never an inactive one',
    ),
    shown('5', 'tell no more than the caller needs, and nothing of why', INACTIVE),
  ],
};
