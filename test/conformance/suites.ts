import { suite } from './requirement.js';

// The suites that requirements are shown by; each makes the full title of one of its tests.

export const flow = suite('the authorization code flow');
export const prompts = suite('the authorization code flow prompt, max_age and id_token_hint');
export const attackOnCode = suite('attacks on the authorization code flow on the code');
export const attackOnPkce = suite('attacks on the authorization code flow on PKCE');
export const attackOnRedirect = suite('attacks on the authorization code flow on the redirect URI');
export const attackOnRequest = suite('attacks on the authorization code flow on the request');
export const attackOnPerson = suite('attacks on the authorization code flow on the person');
export const token = suite('POST /oauth/token');
export const clientAuthentication = suite('POST /oauth/token client authentication');
export const malformed = suite('POST /oauth/token malformed requests');
export const revoke = suite('POST /oauth/revoke');
export const introspect = suite('POST /oauth/introspect');
export const userinfo = suite('/oauth/userinfo');
export const discovery = suite('discovery');
export const edges = suite('the protocol at its edges');
export const refreshToken = suite('a refresh token');
export const userTokens = suite('the tokens of a user');
export const keyRing = suite('the key ring');
export const wrongClient = suite('a client with wrong metadata is refused, with the path of the fault');
export const oauth4webapi = suite('oauth4webapi');
export const openidClient = suite('openid-client');

export const device = suite('the device flow (RFC 8628)');
export const attackOnDevice = suite('attacks on the device flow');
export const par = suite('POST /oauth/par');
export const parReference = suite('POST /oauth/par the reference');
export const requestObject = suite('request objects (RFC 9101)');
export const dpop = suite('DPoP');
export const dpopAtToken = suite('DPoP at the token endpoint');
export const dpopAtUserinfo = suite('DPoP at userinfo');
export const dpopNonces = suite('DPoP with nonces demanded');
export const privateKeyJwt = suite('private_key_jwt');
export const claimsParameter = suite(
  'claims and their consent the parameter claims (OpenID Connect Core §5.5)',
);

export const ISSUER_QUERY = 'checks across keys refuses the issuer https://id.example?a=1';
export const ISSUER_FRAGMENT = 'checks across keys refuses the issuer https://id.example#x';
export const TLS = 'TLS serves https with the configured certificate, and nothing older than TLS 1.2';
export const TOKEN_LIMIT =
  'the limit of the token endpoint lets 5 requests per minute and address through, then answers 429 in the words of OAuth';

export const NO_IMPLICIT = 'implicit and hybrid response types are not offered';
export const OF_THE_CLIENT = 'is for the client to do';
