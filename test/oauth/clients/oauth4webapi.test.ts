import { expect } from 'chai';
import * as oauth from 'oauth4webapi';
import type { Person, TestApp } from '../../support/app.js';
import { discover, insecure } from './discover.js';
import { browse, CALLBACK, SECRET, startProvider } from './provider.js';

describe('oauth4webapi', () => {
  let app: TestApp;
  let person: Person;
  before(async () => {
    app = await startProvider();
    person = await app.signUpAndConfirm();
  });
  after(() => app.close());

  it('discovers the server under both names, with the same answer (RFC 8414, OpenID Connect Discovery)', async () => {
    expect(await discover(app, { algorithm: 'oauth2' })).to.deep.equal(
      await discover(app, { algorithm: 'oidc' }),
    );
  });

  for (const [clientId, authentication] of [
    ['basic', oauth.ClientSecretBasic(SECRET)],
    ['post', oauth.ClientSecretPost(SECRET)],
    ['public', oauth.None()],
  ] as const) {
    it(`runs the code flow, userinfo, refresh, and revocation as the client ${clientId}`, async () => {
      const as = await discover(app);
      const client: oauth.Client = { client_id: clientId };
      const verifier = oauth.generateRandomCodeVerifier();
      const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
      const address = new URL(as.authorization_endpoint ?? '');
      address.search = new URLSearchParams({
        client_id: clientId,
        redirect_uri: CALLBACK,
        response_type: 'code',
        scope: 'openid email offline_access',
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      }).toString();
      const callback = oauth.validateAuthResponse(as, client, await browse(app, address, person), state);
      const codeAnswer = await oauth.authorizationCodeGrantRequest(
        as,
        client,
        authentication,
        callback,
        CALLBACK,
        verifier,
        insecure,
      );
      const tokens = await oauth.processAuthorizationCodeResponse(as, client, codeAnswer, {
        expectedNonce: nonce,
        requireIdToken: true,
      });
      await oauth.validateApplicationLevelSignature(as, codeAnswer, insecure);
      expect(oauth.getValidatedIdTokenClaims(tokens)).to.include({ sub: person.id, email: person.email });

      const infoAnswer = await oauth.userInfoRequest(as, client, tokens.access_token, insecure);
      const info = await oauth.processUserInfoResponse(as, client, person.id, infoAnswer);
      expect(info.email).to.equal(person.email);

      const refreshAnswer = await oauth.refreshTokenGrantRequest(
        as,
        client,
        authentication,
        tokens.refresh_token ?? '',
        insecure,
      );
      const renewed = await oauth.processRefreshTokenResponse(as, client, refreshAnswer);
      expect(renewed.refresh_token).to.be.a('string').and.not.equal(tokens.refresh_token);

      const revoke = (token: string) =>
        oauth
          .revocationRequest(as, client, authentication, token, insecure)
          .then(oauth.processRevocationResponse);
      expect(await revoke(renewed.refresh_token ?? '')).to.equal(undefined);
      const dead = await oauth.userInfoRequest(as, client, renewed.access_token, insecure);
      expect(dead.status).to.equal(401);
    });
  }

  it('gets a token for a client itself, which an API validates and introspection tells about', async () => {
    const as = await discover(app);
    const machine: oauth.Client = { client_id: 'machine' };
    const secret = oauth.ClientSecretBasic(SECRET);
    const scope = { scope: 'reports:read' };
    const answer = await oauth.clientCredentialsGrantRequest(as, machine, secret, scope, insecure);
    const { access_token: token } = await oauth.processClientCredentialsResponse(as, machine, answer);

    const request = new Request('https://api.example/reports', {
      headers: { authorization: `Bearer ${token}` },
    });
    const claims = await oauth.validateJwtAccessToken(as, request, app.config.issuer, insecure);
    expect(claims).to.include({ client_id: 'machine', sub: 'machine', scope: 'reports:read' });

    const introspection = await oauth.introspectionRequest(as, machine, secret, token, insecure);
    const facts = await oauth.processIntrospectionResponse(as, machine, introspection);
    expect(facts).to.include({ active: true, client_id: 'machine' });
  });
});
