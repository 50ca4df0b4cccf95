import { notApplicable, type Specification, shown } from '../requirement.js';
import {
  attackOnCode,
  attackOnPerson,
  attackOnRedirect,
  attackOnRequest,
  clientAuthentication,
  edges,
  flow,
  malformed,
  NO_IMPLICIT,
  OF_THE_CLIENT,
  refreshToken,
  TLS,
  TOKEN_LIMIT,
  token,
  userTokens,
  wrongClient,
} from '../suites.js';

const WORKS = flow('leads through sign-in and consent to a code, and the code to tokens');
const TELLS = attackOnRequest('tells the client what is wrong, with state and iss');
const FOREIGN_REDIRECT = attackOnRedirect('sends nobody to https://app.example/callback/');
const NO_PAGE = attackOnRedirect(
  'shows a page for an unknown client, a disabled one, and names that come twice',
);

export const rfc6749: Specification = {
  name: 'RFC 6749',
  title: 'The OAuth 2.0 Authorization Framework',
  url: 'https://www.rfc-editor.org/rfc/rfc6749',
  requirements: [
    shown(
      '1.6',
      'redirect so that no form is posted again',
      edges('sends nobody on with 307 or 308, which would post their form again (RFC 9700 §4.12)'),
    ),
    shown(
      '2.3',
      'refuse more than one way of client authentication in one request',
      clientAuthentication('refuses two methods in one request'),
    ),
    shown(
      '2.3.1',
      'understand HTTP Basic, with form-encoded id and secret',
      clientAuthentication('form-decodes id and secret of Basic'),
    ),
    shown(
      '2.3.1',
      'take credentials from the header or the body, never from the address',
      malformed('ignores credentials in the query string'),
    ),
    shown('2.3.1', 'serve TLS where secrets are sent', TLS),
    shown('2.3.1', 'protect what takes a secret against guessing', TOKEN_LIMIT),
    shown('3.1', 'know who the resource owner is before anything is granted', WORKS),
    shown(
      '3.1',
      'have no fragment in the address of the endpoint',
      edges('names its endpoints without a fragment or a query (RFC 6749 §3.1, §3.2)'),
    ),
    shown('3.1', 'serve TLS', TLS),
    shown('3.1', 'take authorization requests by GET', WORKS),
    shown(
      '3.1',
      'treat parameters without a value as left out',
      edges('treats a parameter without a value as left out (RFC 6749 §3.1, §3.2)'),
    ),
    shown(
      '3.1',
      'ignore parameters that it does not know',
      edges('ignores parameters that it does not know (RFC 6749 §3.1, §3.2)'),
    ),
    shown(
      '3.1',
      'refuse a parameter that comes twice',
      attackOnRequest('refuses a parameter that comes twice, and a state that does is not repeated'),
    ),
    shown('3.1.1', 'refuse a response type that is missing or unknown with the error for it', TELLS),
    shown(
      '3.1.2',
      'take absolute redirect URIs without a fragment only',
      wrongClient('the redirect URI "/callback"'),
      wrongClient('the redirect URI "https://app.example/#fragment"'),
    ),
    shown('3.1.2', 'keep the query of a redirect URI', flow('keeps the query of a redirect URI')),
    shown(
      '3.1.2.2',
      'have redirect URIs registered for public clients',
      wrongClient('authorization_code without a redirect URI'),
    ),
    shown(
      '3.1.2.3',
      'compare the redirect URI of a request with those registered, as strings',
      FOREIGN_REDIRECT,
      attackOnRedirect('sends nobody to https://APP.example/callback'),
    ),
    shown(
      '3.1.2.3',
      'have the client name one where several are registered',
      attackOnRedirect('refuses a missing one, also when only one is registered'),
    ),
    shown('3.1.2.4', 'tell the person of a bad redirect URI, and send nobody there', FOREIGN_REDIRECT),
    shown('3.2', 'serve TLS', TLS),
    shown(
      '3.2',
      'have no fragment in the address of the endpoint',
      edges('names its endpoints without a fragment or a query (RFC 6749 §3.1, §3.2)'),
    ),
    shown(
      '3.2',
      'take token requests by POST only',
      malformed('answers GET /oauth/token with 405 and Allow: POST'),
    ),
    shown(
      '3.2',
      'treat parameters without a value as left out',
      malformed('refuses an empty grant type with 400 invalid_request'),
      edges('treats a parameter without a value as left out (RFC 6749 §3.1, §3.2)'),
    ),
    shown(
      '3.2',
      'ignore parameters that it does not know',
      edges('ignores parameters that it does not know (RFC 6749 §3.1, §3.2)'),
    ),
    shown(
      '3.2',
      'refuse a parameter that comes twice',
      malformed('refuses a repeated parameter with 400 invalid_request'),
    ),
    shown(
      '3.2.1',
      'have confidential clients authenticate',
      clientAuthentication('refuses a confidential client that only names itself with 401 and a challenge'),
    ),
    shown(
      '3.2.1',
      'give no tokens for a code to another client than it was issued to',
      attackOnCode('is worth nothing to another client, which does not use it up either'),
    ),
    shown(
      '3.3',
      'name the scope that was granted where it is not the one asked for',
      flow('gives only the scopes that were not refused, and does not ask for the others again'),
    ),
    shown(
      '3.3',
      'have a default, or refuse, where no scope is named',
      token('client_credentials gives everything but the scopes about a user when none are named'),
    ),
    shown(
      '3.3',
      'refuse a scope that is malformed',
      malformed('refuses a scope with a quote with 400 invalid_scope'),
    ),
    shown('4.1.1', 'check that everything required is there and valid', TELLS, NO_PAGE),
    shown('4.1.2', 'let a code expire soon', attackOnCode('lives for 60 seconds')),
    shown(
      '4.1.2',
      'take a code once, and revoke what it gave when it comes again',
      attackOnCode('refuses a second use, and revokes what the first gave'),
      'an authorization code in a race gives tokens to one of 50, and as the others are replays, none that lives on',
    ),
    shown(
      '4.1.2',
      'bind a code to client and redirect URI',
      attackOnCode('is worth nothing to another client, which does not use it up either'),
      attackOnCode('is worth nothing with another redirect URI'),
    ),
    shown('4.1.2', 'send `state` back as it came', WORKS),
    shown('4.1.2.1', 'send nobody on where client or redirect URI are not proven', NO_PAGE, FOREIGN_REDIRECT),
    shown('4.1.2.1', 'tell every other fault to the client, by the codes there are, with `state`', TELLS),
    shown(
      '4.1.2.1',
      'tell the client that the person refused',
      flow('tells the client of a refusal, and remembers nothing'),
    ),
    shown(
      '4.1.2.1',
      'keep to the characters allowed in `error` and `error_description`',
      edges('keeps to the characters that RFC 6749 allows in errors (§4.1.2.1, §5.2)'),
    ),
    shown(
      '4.1.3',
      'have a confidential client authenticate with its code',
      edges(
        'takes no code from a confidential client that only names itself, and keeps it for the client (RFC 6749 §4.1.3)',
      ),
    ),
    shown(
      '4.1.3',
      'check that the code was issued to the client',
      attackOnCode('is worth nothing to another client, which does not use it up either'),
    ),
    shown(
      '4.1.3',
      'check that the code is valid',
      attackOnCode('is refused before any query when it is garbage'),
    ),
    shown(
      '4.1.3',
      'have the redirect URI repeated, and identical',
      edges('takes no code without the redirect URI of its request (RFC 6749 §4.1.3)'),
      attackOnCode('is worth nothing with another redirect URI'),
    ),
    shown(
      '4.1.4',
      'issue tokens where request and client are right',
      WORKS,
      userTokens('are an access token, an ID token and a refresh token'),
    ),
    notApplicable('4.2', 'implicit grant', NO_IMPLICIT),
    shown(
      '4.3',
      'give the password grant to clients only that are trusted with it',
      token('password is refused to a client that is not first-party, whatever its grant types'),
    ),
    shown(
      '4.3.2',
      'have a confidential client authenticate, and check the password',
      clientAuthentication('refuses a wrong secret with 401 and a challenge'),
      token('password answers a wrong password and an unknown user alike'),
    ),
    shown('4.3.2', 'protect the endpoint against guessing', TOKEN_LIMIT),
    shown(
      '4.4',
      'give client credentials to confidential clients only',
      token('client_credentials is refused to a client that may not use it, and to a public one that may'),
    ),
    shown(
      '4.4.2',
      'have the client authenticate',
      clientAuthentication('refuses no credentials with 401 and a challenge'),
    ),
    shown(
      '4.4.3',
      'give no refresh token beside client credentials',
      token('client_credentials issues an access token about the client itself, and no refresh token'),
    ),
    shown(
      '5.1',
      'answer in JSON with token and type, not to be cached',
      token('password issues tokens to a first-party client, by e-mail address in any case'),
    ),
    shown(
      '5.2',
      'refuse with 400 and the code for it',
      malformed('refuses no parameters with 400 invalid_request'),
      malformed('refuses an unknown grant type with 400 unsupported_grant_type'),
    ),
    shown(
      '5.2',
      'answer a client that tried HTTP authentication with 401 and a challenge of that scheme',
      clientAuthentication('refuses a wrong secret with 401 and a challenge'),
    ),
    shown(
      '6',
      'have a confidential client authenticate, and take a refresh token from the client only that it was issued to',
      token('refresh_token refuses the token of another client, without harm to its family'),
    ),
    shown(
      '6',
      'check the refresh token',
      token('refresh_token refuses garbage and an old token with the same answer'),
    ),
    shown(
      '6',
      'widen no scope at a refresh',
      token('refresh_token narrows the scope of the access token and refuses to widen it'),
    ),
    shown(
      '6',
      'give a new refresh token the scope of the old one',
      refreshToken('narrows one access token, not the family'),
    ),
    shown(
      '7',
      'check end and scope of an access token before anything is served',
      '/oauth/userinfo refuses a token when its time is over, its user locked or its session ended',
      '/oauth/userinfo refuses a token without openid, and one of a client itself, with 403 and the scope',
    ),
    notApplicable('7.1', 'understand the type of a token before its use', OF_THE_CLIENT),
    notApplicable(
      '8',
      'registration of new types and parameters',
      'nothing is extended but by the RFCs below',
    ),
    shown(
      '10.1',
      'give no secret to a client that cannot keep one',
      'a client is registered without a secret where it is public',
    ),
    shown(
      '10.2',
      'ask the person again where a public client could be anybody',
      attackOnRequest('asks every time for a public client that could be any program on the device'),
    ),
    shown(
      '10.3',
      'make access tokens that nobody can guess, change or make',
      '/oauth/userinfo refuses every forged, expired or foreign token alike',
    ),
    shown(
      '10.4',
      'keep refresh tokens secret, and bound to their client',
      refreshToken('is not in the database, nor can it be made from what is'),
      refreshToken('is refused and stays good when another client shows it'),
    ),
    shown(
      '10.4',
      'make refresh tokens that nobody can guess, change or make',
      refreshToken('is refused without a query when it is garbage'),
    ),
    shown(
      '10.5',
      'let codes live shortly, and once',
      attackOnCode('lives for 60 seconds'),
      attackOnCode('refuses a second use, and revokes what the first gave'),
    ),
    shown(
      '10.6',
      'check the redirect URI at the token endpoint too',
      attackOnCode('is worth nothing with another redirect URI'),
    ),
    shown(
      '10.7',
      'offer the password grant only where there is no other way',
      token('password is refused to a client that is not first-party, whatever its grant types'),
    ),
    shown(
      '10.10',
      'make codes and tokens of so much chance that nobody guesses them',
      edges('makes codes and refresh tokens of more than 128 random bits (RFC 6749 §10.10)'),
    ),
    shown(
      '10.12',
      'protect the authorization endpoint against forged requests, and grant nothing without the person knowing',
      attackOnPerson('takes no sign-in and no consent that a foreign page sends'),
    ),
    shown(
      '10.13',
      'let nobody frame the pages',
      attackOnPerson('lets no page be framed, cached, or scripted'),
    ),
    shown(
      '10.14',
      'clean what comes in, `state` and redirect URI above all',
      flow('answers in the fragment and by a form where the client asks for it'),
    ),
    shown('10.15', 'be no open redirector', attackOnPerson('takes no redirect from the address of a page')),
    notApplicable('10.16', 'misuse of access tokens in the implicit flow', NO_IMPLICIT),
  ],
};
