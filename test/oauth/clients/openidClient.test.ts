import { expect } from 'chai';
import * as client from 'openid-client';
import { createVisitor } from '../../pages/visitor.js';
import type { Person, TestApp } from '../../support/app.js';
import { BYE, browse, CALLBACK, SECRET, startProvider } from './provider.js';

describe('openid-client', () => {
  let app: TestApp;
  let person: Person;
  before(async () => {
    app = await startProvider();
    person = await app.signUpAndConfirm();
  });
  after(() => app.close());

  const configure = (clientId: string, authentication: client.ClientAuth) =>
    client.discovery(new URL(app.config.issuer), clientId, undefined, authentication, {
      execute: [client.allowInsecureRequests],
    });

  async function signIn(config: client.Configuration, visitor = createVisitor(app)) {
    const pkceCodeVerifier = client.randomPKCECodeVerifier();
    const expectedState = client.randomState();
    const expectedNonce = client.randomNonce();
    const address = client.buildAuthorizationUrl(config, {
      redirect_uri: CALLBACK,
      scope: 'openid email offline_access',
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
      nonce: expectedNonce,
      max_age: '3600',
    });
    const checks = { pkceCodeVerifier, expectedState, expectedNonce, maxAge: 3600, idTokenExpected: true };
    return { answer: await browse(app, address, person, visitor), checks };
  }

  for (const [clientId, authentication] of [
    ['basic', client.ClientSecretBasic(SECRET)],
    ['post', client.ClientSecretPost(SECRET)],
    ['public', client.None()],
  ] as const) {
    it(`runs the code flow, userinfo, refresh and revocation as the client ${clientId}`, async () => {
      const config = await configure(clientId, authentication);
      const { answer, checks } = await signIn(config);
      const tokens = await client.authorizationCodeGrant(config, answer, checks);
      const claims = tokens.claims();
      expect(claims).to.include({ sub: person.id, aud: clientId, email: person.email });
      const info = await client.fetchUserInfo(config, tokens.access_token, person.id);
      expect(info).to.deep.equal({ sub: person.id, email: person.email, email_verified: true });

      const renewed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
      expect(renewed.access_token).not.to.equal(tokens.access_token);
      expect(renewed.refresh_token).to.be.a('string').and.not.equal(tokens.refresh_token);

      await client.tokenRevocation(config, renewed.access_token);
      const refused = await client.fetchUserInfo(config, renewed.access_token, person.id).catch((e) => e);
      expect(refused).to.be.instanceOf(client.WWWAuthenticateChallengeError);
      await client.tokenRevocation(config, renewed.refresh_token ?? '');
      const dead = await client.refreshTokenGrant(config, renewed.refresh_token ?? '').catch((e) => e);
      expect(dead).to.be.instanceOf(client.ResponseBodyError).and.include({ error: 'invalid_grant' });
    });
  }

  it('checks the signature of the ID token against the published keys', async () => {
    const config = await configure('basic', client.ClientSecretBasic(SECRET));
    client.enableNonRepudiationChecks(config);
    const { answer, checks } = await signIn(config);
    const tokens = await client.authorizationCodeGrant(config, answer, checks);
    expect(tokens.claims()?.sub).to.equal(person.id);
  });

  it('refuses an answer of another issuer, so that a mix-up shows (RFC 9207)', async () => {
    const config = await configure('basic', client.ClientSecretBasic(SECRET));
    const { answer, checks } = await signIn(config);
    answer.searchParams.set('iss', 'https://evil.example');
    const refused = await client.authorizationCodeGrant(config, answer, checks).catch((e) => e);
    expect(String(refused.cause?.message)).to.match(/"iss"/);
    answer.searchParams.delete('iss');
    const missing = await client.authorizationCodeGrant(config, answer, checks).catch((e) => e);
    expect(String(missing.cause?.message)).to.match(/"iss"/);
  });

  it('gets a token for a client itself, which introspection tells about', async () => {
    const machine = await configure('machine', client.ClientSecretBasic(SECRET));
    const tokens = await client.clientCredentialsGrant(machine, { scope: 'reports:read' });
    expect(tokens).to.include({ scope: 'reports:read' }).and.not.have.property('refresh_token');
    const basic = await configure('basic', client.ClientSecretBasic(SECRET));
    const facts = await client.tokenIntrospection(basic, tokens.access_token);
    expect(facts).to.include({
      active: true,
      client_id: 'machine',
      sub: 'machine',
      scope: 'reports:read',
      iss: app.config.issuer,
    });
    await client.tokenRevocation(machine, tokens.access_token);
    expect(await client.tokenIntrospection(basic, tokens.access_token)).to.deep.equal({ active: false });
  });

  it('ends the session and comes back with its state', async () => {
    const config = await configure('basic', client.ClientSecretBasic(SECRET));
    const visitor = createVisitor(app);
    const { answer, checks } = await signIn(config, visitor);
    const tokens = await client.authorizationCodeGrant(config, answer, checks);
    const address = client.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: BYE,
      state: 'state of the app',
    });
    const back = await browse(app, address, person, visitor);
    expect(back.href).to.equal(`${BYE}?state=state+of+the+app`);
    const refused = await client.fetchUserInfo(config, tokens.access_token, person.id).catch((e) => e);
    expect(refused).to.be.instanceOf(client.WWWAuthenticateChallengeError);
  });
});
