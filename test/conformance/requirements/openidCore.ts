import { deviates, notApplicable, type Specification, shown } from '../requirement.js';
import {
  attackOnCode,
  attackOnPerson,
  attackOnRedirect,
  attackOnRequest,
  claimsParameter,
  clientAuthentication,
  edges,
  flow,
  keyRing,
  malformed,
  NO_IMPLICIT,
  OF_THE_CLIENT,
  openidClient,
  privateKeyJwt,
  prompts,
  requestObject,
  TLS,
  userinfo,
  userTokens,
} from '../suites.js';

const WORKS = flow('leads through sign-in and consent to a code, and the code to tokens');
const TELLS = attackOnRequest('tells the client what is wrong, with state and iss');
const SILENT = prompts('asks nobody with prompt=none, and says what would have been asked');
const ID_TOKEN = edges(
  'names in an ID token who it is from, about and for, and for how long (OpenID Connect Core §2)',
);
const SUBJECT = edges(
  'names the person by the same subject everywhere, in ASCII, not too long (OpenID Connect Core §2, §5.3.2)',
);
const HINT = prompts('gives the client nobody but the person of its id_token_hint');
const TOO_OLD = prompts('has the person sign in again when the sign-in is older than max_age');
const LOCALES = edges(
  'takes display, ui_locales, claims_locales and acr_values without an error (OpenID Connect Core §15.1)',
);
const NOT_OPENID = edges(
  'makes no OpenID request of one without the scope openid (OpenID Connect Core §3.1.2.1)',
);
const REFRESHED = edges(
  'keeps issuer, subject, audience and time of sign-in in the ID token of a refresh (OpenID Connect Core §12.2)',
);

export const openidCore: Specification = {
  name: 'OpenID Connect Core 1.0',
  title: 'Sign-in on top of OAuth 2.0',
  url: 'https://openid.net/specs/openid-connect-core-1_0.html',
  compared: 'the source of §3.1, §5 and §6 (2026); the other sections are not compared',
  requirements: [
    shown('2', 'put issuer, subject, audience, end and time of issue into an ID token', ID_TOKEN),
    shown('2', 'keep the subject within 255 ASCII characters', SUBJECT),
    shown('2', 'give the time of sign-in where max_age is asked for', ID_TOKEN),
    shown(
      '2',
      'hand the nonce through as it came',
      WORKS,
      userTokens('have the nonce of the request in the ID token'),
    ),
    shown(
      '2',
      'sign ID tokens, never with `none`',
      openidClient('checks the signature of the ID token against the published keys'),
      edges('offers the algorithm none nowhere (RFC 8414 §2, OpenID Connect Discovery §3)'),
    ),
    shown('3.1.2', 'serve TLS', TLS),
    shown(
      '3.1.2.1',
      'take requests by GET and by POST',
      WORKS,
      flow('takes the request by POST, also from another site, where no cookie comes along'),
    ),
    shown('3.1.2.1', 'treat a request without `openid` as one of OAuth alone', NOT_OPENID),
    shown(
      '3.1.2.1',
      'require response type, client and redirect URI',
      TELLS,
      attackOnRedirect('refuses a missing one, also when only one is registered'),
    ),
    shown(
      '3.1.2.1',
      'compare the redirect URI with those registered, as strings',
      attackOnRedirect('sends nobody to https://app.example/callback/'),
    ),
    shown('3.1.2.1', 'show no page with prompt=none', SILENT),
    shown(
      '3.1.2.1',
      'refuse prompt=none beside anything else',
      prompts('refuses prompt=none beside another value, and an unknown one'),
    ),
    shown(
      '3.1.2.1',
      'have the person sign in with prompt=login',
      prompts('has the person sign in again with prompt=login, in the same session'),
    ),
    shown(
      '3.1.2.1',
      'ask for consent with prompt=consent',
      flow('gives only the scopes that were not refused, and does not ask for the others again'),
    ),
    shown(
      '3.1.2.1',
      'let the person choose with prompt=select_account',
      prompts('lets the person choose the account with prompt=select_account'),
    ),
    shown('3.1.2.1', 'have the person sign in again after max_age', TOO_OLD),
    shown('3.1.2.1', 'take an id_token_hint of ours, and give nobody but that person', HINT),
    shown('3.1.2.2', 'check everything of OAuth, and that what is required is there', TELLS),
    shown('3.1.2.2', 'say login_required where the person of the hint is not there', HINT),
    shown('3.1.2.3', 'have a person sign in who is not signed in', WORKS),
    shown('3.1.2.3', 'interact with nobody with prompt=none, and answer login_required', SILENT),
    shown(
      '3.1.2.3',
      'protect the sign-in against forged requests and frames',
      attackOnPerson('takes no sign-in and no consent that a foreign page sends'),
      attackOnPerson('lets no page be framed, cached, or scripted'),
    ),
    shown(
      '3.1.2.4',
      'tell the client nothing before the person has allowed it',
      WORKS,
      flow('asks again for a scope that was never decided'),
    ),
    shown('3.1.2.5', 'answer with `state` as it came', WORKS),
    shown(
      '3.1.2.5',
      'answer in the query, unless the request names another way',
      WORKS,
      flow('answers in the fragment and by a form where the client asks for it'),
    ),
    shown('3.1.3', 'serve TLS at the token endpoint', TLS),
    shown(
      '3.1.3.4',
      'refuse a token request in JSON, with 400',
      malformed('refuses an empty grant type with 400 invalid_request'),
    ),
    shown('3.1.2.6', 'answer with login_required and consent_required where those hold', SILENT),
    shown(
      '3.1.2.6',
      'send no error to an address that is not proven',
      attackOnRedirect('shows a page for an unknown client, a disabled one, and names that come twice'),
    ),
    shown(
      '3.1.3.2',
      'authenticate the client as it is registered',
      clientAuthentication('works by post for a client that is registered for it, and not by basic'),
    ),
    shown(
      '3.1.3.2',
      'check client, redirect URI and first use of a code',
      attackOnCode('is worth nothing to another client, which does not use it up either'),
      attackOnCode('refuses a second use, and revokes what the first gave'),
      edges('takes no code without the redirect URI of its request (RFC 6749 §4.1.3)'),
    ),
    shown(
      '3.1.3.3',
      'answer with ID token and token type, not to be cached',
      'POST /oauth/token password issues tokens to a first-party client, by e-mail address in any case',
      WORKS,
    ),
    shown(
      '3.1.3.6',
      'hash the access token right where it does',
      'an ID token signed with EdDSA hashes the access token with the digest of that algorithm',
      userTokens(
        'have an ID token for the client, with the claims of the scopes and the hash of the access token',
      ),
    ),
    notApplicable('3.1.3.7', 'validate the ID token', OF_THE_CLIENT),
    notApplicable('3.2', 'implicit flow', NO_IMPLICIT),
    notApplicable('3.3', 'hybrid flow', NO_IMPLICIT),
    notApplicable('4', 'sign-in that a third party starts', OF_THE_CLIENT),
    shown(
      '5.1',
      'name claims as the standard does',
      'the claims about a user are those of each scope, without what the user has not given',
    ),
    shown('5.3', 'serve userinfo over TLS', TLS),
    shown(
      '5.3',
      'take userinfo requests by GET and by POST, with a bearer token',
      userinfo('tells the claims that the scopes name, by GET and by POST'),
    ),
    shown('5.3.2', 'name the subject in every answer, the one of the ID token', SUBJECT),
    shown('5.3.2', 'leave out what there is not, instead of null or nothing', SUBJECT),
    shown(
      '5.3.2',
      'answer as `application/json`, or signed as `application/jwt` with issuer and audience',
      userinfo('tells the claims that the scopes name, by GET and by POST'),
      'tokens and answers as a client registered them a signed answer of userinfo (OIDC Core §5.3.2) is a JWT of the registered algorithm for this client, as oauth4webapi verifies',
    ),
    shown(
      '5.3.3',
      'refuse as RFC 6750 says',
      userinfo('refuses every forged, expired or foreign token alike'),
    ),
    shown(
      '5.4',
      'give the claims that the scopes stand for',
      userinfo('tells only the subject for openid alone'),
      userinfo('tells the claims that the scopes name, by GET and by POST'),
    ),
    shown(
      '5.5',
      'take claims by name, and leave out those that it does not know',
      claimsParameter('brings single claims into ID token and userinfo, each where it was asked for'),
      claimsParameter('ignores claims that it does not know (§5.5)'),
    ),
    shown(
      '5.5.1',
      'answer for no other person than a `sub` that is asked for',
      claimsParameter('answers for no other person than the sub it names (§5.5.1)'),
    ),
    shown(
      '5.5.1.1',
      'refuse an essential acr that cannot be reached',
      'claims and their consent acr (OpenID Connect Core §5.5.1.1, RFC 9470) refuses an essential acr that nobody can reach, before anybody is asked',
    ),
    shown(
      '5.5.1',
      'make no error of a claim that there is not, essential or not',
      claimsParameter('makes no error of an essential claim that there is not (§5.5.1)'),
    ),
    shown(
      '6.1',
      'take a request by value, or by reference where it is allowed, and no request inside one',
      requestObject('refuses what the client has not signed for this server, now (RFC 9101 §6.2, §10.2)'),
      requestObject(
        'by reference fetches nothing where the installation does not allow it, not even what is registered',
      ),
    ),
    deviates(
      '6.3.3',
      'put parameters from beside the object together with those inside',
      'RFC 9101 §6.3 forbids what is not signed: the object alone counts',
      requestObject('uses no parameter that stands beside the object (RFC 9101 §6.3)'),
    ),
    shown(
      '6.1',
      'take a signed request, and check who signed it',
      requestObject('takes a request as a JWT that the client has signed (RFC 9101 §5.1)'),
      requestObject('refuses what the client has not signed for this server, now (RFC 9101 §6.2, §10.2)'),
    ),
    shown(
      '6.2',
      'fetch no request but from an address that the client registered',
      requestObject(
        'by reference fetches no address that the client has not registered, character by character (RFC 9101 §10.4)',
      ),
    ),
    shown(
      '6.3.1',
      'refuse a request object that it cannot read',
      requestObject('refuses an encrypted object, clearly'),
    ),
    notApplicable('5.6', 'aggregated and distributed claims', 'are optional and not offered'),
    notApplicable('7', 'self-issued providers', 'is another kind of provider'),
    shown(
      '8',
      'never give the subject of one person to another',
      'who is behind a request is nobody any more once the user is deleted',
    ),
    shown(
      '8.1',
      'keep a pairwise subject the same for a sector, and let nobody read the person out of it',
      'the subject of a user for a client is for a pairwise client always the same, and nothing that shows the user (OIDC Core §8.1)',
    ),
    shown(
      '9',
      'take the way of authentication that the client is registered for, and no other',
      clientAuthentication('works by post for a client that is registered for it, and not by basic'),
    ),
    shown(
      '9',
      'take an assertion by the key of the client, for us, with its end, and once',
      privateKeyJwt("proves a client by an assertion for the issuer's address (RFC 7523 §3)"),
      privateKeyJwt(
        'refuses with invalid_client an assertion whose jti was seen (OpenID Connect Core §9, RFC 7523 §3)',
      ),
      privateKeyJwt('refuses with invalid_client an assertion with another audience'),
      privateKeyJwt('refuses with invalid_client an assertion with no end'),
    ),
    shown(
      '10.1',
      'name the key in the header of what is signed',
      keyRing('verifies what it signed, and names algorithm, key and type in the header'),
    ),
    shown(
      '10.1.1',
      'publish the next key before its use, and the old one until its last token has expired',
      keyRing('publishes the current and the next key, and nothing private'),
      keyRing('rotates: the next key signs, the old one verifies until its last token has expired'),
    ),
    shown(
      '11',
      'give no refresh token for use without the person but where offline_access was allowed',
      flow('gives no refresh token without offline_access'),
      flow('gives only the scopes that were not refused, and does not ask for the others again'),
    ),
    shown(
      '12.1',
      'authenticate the client at a refresh',
      clientAuthentication('refuses a confidential client that only names itself with 401 and a challenge'),
    ),
    shown(
      '12.2',
      'keep issuer, subject, audience and time of sign-in in the ID token of a refresh',
      REFRESHED,
    ),
    shown(
      '13',
      'read requests as queries and forms',
      WORKS,
      flow('takes the request by POST, also from another site, where no cookie comes along'),
    ),
    deviates(
      '15.1',
      'sign ID tokens with RS256',
      'the default; an operator who chooses another algorithm for the installation does without RS256',
      edges('signs ID tokens with RS256 unless told otherwise, and says so (OpenID Connect Core §15.1)'),
    ),
    shown('15.1', 'understand prompt, display, locales, max_age and acr_values', SILENT, LOCALES, TOO_OLD),
    shown(
      '16',
      'what RFC 6749 §10 asks for',
      attackOnCode('is stored nowhere'),
      attackOnRequest('sends every answer with the issuer, so that a mix-up shows'),
    ),
  ],
};
