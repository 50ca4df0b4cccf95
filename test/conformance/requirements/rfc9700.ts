import { deviates, notApplicable, type Specification, shown } from '../requirement.js';
import {
  attackOnCode,
  attackOnPerson,
  attackOnPkce,
  attackOnRedirect,
  attackOnRequest,
  discovery,
  edges,
  flow,
  NO_IMPLICIT,
  OF_THE_CLIENT,
  refreshToken,
  TLS,
  token,
  userinfo,
  userTokens,
  wrongClient,
} from '../suites.js';

const REPLAY = refreshToken('repeated after the leeway ends the family');

export const rfc9700: Specification = {
  name: 'RFC 9700',
  title: 'Best Current Practice for OAuth 2.0 Security',
  url: 'https://www.rfc-editor.org/rfc/rfc9700',
  compared: 'the last draft of its source, §2 and §4',
  requirements: [
    shown(
      '2.1',
      'compare redirect URIs as strings, but for the port of a native app on loopback',
      attackOnRedirect('sends nobody to https://app.example/CALLBACK'),
      attackOnRedirect('leaves a native app its port, and nobody else'),
    ),
    shown('2.1', 'be no open redirector', attackOnPerson('takes no redirect from the address of a page')),
    shown(
      '2.1',
      'protect against forged requests',
      attackOnPerson('takes no sign-in and no consent that a foreign page sends'),
    ),
    shown(
      '2.1',
      'name the issuer, against mix-up',
      attackOnRequest('sends every answer with the issuer, so that a mix-up shows'),
    ),
    shown(
      '2.1.1',
      'have public clients use PKCE',
      attackOnPkce('refuses a request without a challenge, of every kind of client'),
    ),
    shown(
      '2.1.1',
      'support PKCE, and say so in the metadata',
      discovery('names what is mounted, under both names, with and without the path of the issuer'),
    ),
    shown(
      '2.1.1',
      'ask for the verifier where there was a challenge',
      attackOnPkce('refuses a verifier that is missing, wrong, malformed, or the challenge itself'),
    ),
    shown(
      '2.1.1',
      'take no verifier where there was no challenge',
      attackOnPkce('refuses a request without a challenge, of every kind of client'),
    ),
    notApplicable('2.1.2', 'avoid the implicit grant', NO_IMPLICIT),
    shown(
      '2.2.2',
      'bind the refresh tokens of public clients, or let each be used once',
      edges(
        'gives a public client a new refresh token each time, and ends the family at a replay (RFC 9700 §4.14.2)',
      ),
    ),
    shown(
      '2.3',
      'bound the audience of access tokens, and have it checked',
      userinfo('refuses every forged, expired or foreign token alike'),
    ),
    deviates(
      '2.4',
      'use no password grant',
      'kept for first-party clients that an operator gives it to, for the time of a migration; no other client can have it',
      token('password is refused to a client that is not first-party, whatever its grant types'),
      wrongClient('password though it is not first-party'),
    ),
    shown('2.6', 'serve TLS', TLS),
    shown(
      '2.6',
      'let no script of another origin read the authorization endpoint',
      'CORS opens no address that browsers are sent to, not even to a listed origin (RFC 9700 §2.6)',
    ),
    shown(
      '2.6',
      'send no answer over http but to loopback',
      wrongClient('the redirect URI "http://app.example/callback"'),
    ),
    shown(
      '4.1.3',
      'check the redirect URI exactly',
      attackOnRedirect('sends nobody to https://evil.app.example/callback'),
      attackOnRedirect('sends nobody to https://app.example/callback/../evil'),
    ),
    shown(
      '4.2.4',
      'give away no code by a referrer',
      edges('lets no page tell another site where it came from (RFC 9700 §4.2.4)'),
    ),
    shown('4.2.4', 'take a code once', attackOnCode('refuses a second use, and revokes what the first gave')),
    shown('4.3.2', 'take no access token from an address', userinfo('takes no token from the query string')),
    shown(
      '4.4.2',
      'name the issuer in every answer',
      attackOnRequest('sends every answer with the issuer, so that a mix-up shows'),
    ),
    shown(
      '4.5.3',
      'make an injected code worthless',
      attackOnPkce('leaves an injected code useless: the victim has another verifier'),
    ),
    shown(
      '4.8.2',
      'let nobody downgrade PKCE',
      attackOnPkce('refuses a request without a challenge, of every kind of client'),
      attackOnPkce('refuses a request with the method plain, of every kind of client'),
    ),
    shown(
      '4.10',
      'bound where a stolen token is good',
      'an access token is refused at this API when it is for another one, but not at the introspection',
    ),
    shown(
      '4.11.2',
      'send nobody to an address that is not proven',
      attackOnRedirect('shows a page for an unknown client, a disabled one, and names that come twice'),
    ),
    deviates(
      '4.11.2',
      'have the person sign in before a request that is wrong sends them on',
      'only where the client registered itself; clients that an operator or an accountable user entered are told at once, as RFC 6749 §4.1.2.1 says',
      attackOnRequest(
        'sends nobody who has not signed in to a stranger by a request that is wrong on purpose (RFC 9700 §4.11.2)',
      ),
    ),
    shown(
      '4.12',
      'redirect so that no form is posted again',
      edges('sends nobody on with 307 or 308, which would post their form again (RFC 9700 §4.12)'),
    ),
    shown(
      '4.13',
      'believe headers of a proxy only where one is trusted',
      'the HTTP server believes no forwarded address when no proxy is trusted',
      "the HTTP server takes the client's address from a trusted proxy and the last untrusted hop only",
    ),
    shown(
      '4.14.2',
      'decide whom to give refresh tokens to',
      flow('gives no refresh token without offline_access'),
    ),
    shown(
      '4.14.2',
      'bind refresh tokens to scope and client',
      refreshToken('is refused and stays good when another client shows it'),
      refreshToken('is refused and stays good when more is asked for than the family has'),
    ),
    shown(
      '4.14.2',
      'bind refresh tokens to the resources that were asked for',
      userTokens(
        'are for the resources asked for, with the shortest of their lifetimes, also after a refresh',
      ),
    ),
    shown(
      '4.14.2',
      'notice a refresh token that comes again, and revoke what lives',
      REPLAY,
      refreshToken('that was stolen takes the access tokens of its family along'),
    ),
    shown(
      '4.14.2',
      'end refresh tokens at a change of password and at sign-out',
      'a session when revoked takes its cookie, its refresh tokens and its access tokens along',
    ),
    shown(
      '4.15.2',
      'let no token of a client look like one of a person',
      'the token of a client speaks of the client alone: no user, no session, no refresh',
    ),
    shown(
      '4.16.1',
      'let nobody frame the pages',
      attackOnPerson('lets no page be framed, cached, or scripted'),
    ),
    notApplicable(
      '4.17.2',
      'check origins of messages between windows',
      'no answer is sent by such a message',
    ),
    notApplicable('4.7', 'use `state` or PKCE against forged answers', OF_THE_CLIENT),
  ],
};
