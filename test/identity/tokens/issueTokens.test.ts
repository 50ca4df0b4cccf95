import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { openEvents } from '../../../src/identity/audit/sealing.js';
import { verifyAccessToken } from '../../../src/identity/tokens/accessToken.js';
import { issueClientTokens } from '../../../src/identity/tokens/issueClientTokens.js';
import { issueUserTokens } from '../../../src/identity/tokens/issueTokens.js';
import { createTestDeps, storeUser, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';
import { refresh, signIn, storeClient } from './signedIn.js';

describe('the tokens of a user', () => {
  let test: TestDeps;

  beforeEach(async () => {
    test = await createTestDeps({
      config: {
        resources: [
          { identifier: 'https://orders.example', accessTokenTtlSeconds: 120 },
          { identifier: 'https://stock.example', accessTokenTtlSeconds: 86_400 },
        ],
      },
    });
  });
  afterEach(() => test.close());

  it('are an access token, an ID token and a refresh token', async () => {
    const { tokens, session, client } = await signIn(test);
    expect(tokens).to.include({ tokenType: 'Bearer', expiresInSeconds: 900 });
    expect(tokens.scopes).to.deep.equal(['openid', 'profile']);
    expect(tokens.refreshToken).to.be.a('string');
    const claims = await verifyAccessToken(test.deps, tokens.accessToken);
    expect(claims).to.include({ clientId: client._id, sessionId: session._id, acr: 'aal1' });
  });

  it('have an ID token for the client, with the claims of the scopes and the hash of the access token', async () => {
    const user = await storeUser(test.deps, {
      name: 'Alice Example',
      givenName: 'Alice',
      username: 'alice',
      phone: '+14155550100',
    });
    const { tokens, session, client } = await signIn(test, { user, scopes: ['openid', 'profile', 'email'] });
    const idToken = tokens.idToken ?? '';
    const claims = decodeJwt(idToken);
    expect(decodeProtectedHeader(idToken).typ).to.equal('JWT');
    expect(claims).to.include({
      iss: 'http://127.0.0.1:3000',
      sub: user._id,
      aud: client._id,
      sid: session._id,
      acr: 'aal1',
      name: 'Alice Example',
      given_name: 'Alice',
      preferred_username: 'alice',
      email: user.email,
      email_verified: true,
    });
    expect(claims).to.not.have.any.keys('phone_number', 'nickname', 'family_name', 'nonce');
    const digest = createHash('sha256').update(tokens.accessToken).digest();
    expect(claims['at_hash']).to.equal(digest.subarray(0, 16).toString('base64url'));
    const verified = await test.deps.keys.verify(idToken, { typ: 'JWT', audience: client._id });
    expect(verified.sub).to.equal(user._id);
  });

  it('have the nonce of the request in the ID token', async () => {
    const { user, session, client } = await signIn(test);
    const { idToken } = await issueUserTokens(test.deps, {
      user,
      session,
      client,
      scopes: ['openid'],
      nonce: 'n-0S6_WzA2Mj',
    });
    expect(decodeJwt(idToken ?? '')['nonce']).to.equal('n-0S6_WzA2Mj');
  });

  it('have no ID token without openid, and no refresh token for a client that may not refresh', async () => {
    const client = await storeClient(test, { grantTypes: ['authorization_code'] });
    const { tokens } = await signIn(test, { client, scopes: ['profile'] });
    expect(tokens.idToken).to.equal(null);
    expect(tokens.refreshToken).to.equal(null);
    expect(await test.deps.models.refreshFamilies.countDocuments()).to.equal(0);
  });

  it('are refused beyond what the client may ask for', async () => {
    await refusal(signIn(test, { scopes: ['openid', 'users:read'] }), 'INVALID_SCOPE');
    expect(await test.deps.models.refreshFamilies.countDocuments()).to.equal(0);
  });

  it('live as long as the client is given', async () => {
    const client = await storeClient(test, { accessTokenTtlSeconds: 60 });
    expect((await signIn(test, { client })).tokens.expiresInSeconds).to.equal(60);
  });

  it('are for the resources asked for, with the shortest of their lifetimes, also after a refresh', async () => {
    const { user, session, client } = await signIn(test);
    const tokens = await issueUserTokens(test.deps, {
      user,
      session,
      client,
      scopes: ['profile'],
      resources: ['https://orders.example', 'https://stock.example'],
    });
    const next = await refresh(test, client, tokens.refreshToken);
    for (const { accessToken, expiresInSeconds } of [tokens, next]) {
      expect(decodeJwt(accessToken).aud).to.deep.equal(['https://orders.example', 'https://stock.example']);
      expect(expiresInSeconds).to.equal(120);
      await refusal(verifyAccessToken(test.deps, accessToken), 'INVALID_TOKEN');
    }
  });

  it('are noted in the audit trail, none of them in it', async () => {
    const { tokens, user } = await signIn(test);
    await test.settled();
    const events = await test.deps.models.auditEvents.find({ action: 'token.issue' }).lean();
    expect(events[0]).to.include({ outcome: 'success', actorId: user._id });
    const all = JSON.stringify(await openEvents(test.deps, await test.deps.models.auditEvents.find().lean()));
    for (const token of [tokens.accessToken, tokens.idToken, tokens.refreshToken]) {
      expect(all).to.not.contain(token?.split('.')[2]);
    }
  });
});

describe('the token of a client', () => {
  let test: TestDeps;

  beforeEach(async () => {
    test = await createTestDeps();
  });
  afterEach(() => test.close());

  const service = () =>
    storeClient(test, {
      grantTypes: ['client_credentials'],
      tokenEndpointAuthMethod: 'client_secret_basic',
      scopes: ['users:read'],
    });

  it('speaks of the client alone: no user, no session, no refresh', async () => {
    const client = await service();
    const tokens = await issueClientTokens(test.deps, { client, scopes: ['users:read'] });
    expect(tokens).to.include({ refreshToken: null, idToken: null });
    const claims = await verifyAccessToken(test.deps, tokens.accessToken);
    expect(claims).to.include({ subject: client._id, clientId: client._id, sessionId: null, acr: null });
    expect(claims.scopes).to.deep.equal(['users:read']);
  });

  it('is refused beyond its scopes and without the grant', async () => {
    const client = await service();
    await refusal(issueClientTokens(test.deps, { client, scopes: ['users:write'] }), 'INVALID_SCOPE');
    const app = await storeClient(test);
    await refusal(issueClientTokens(test.deps, { client: app, scopes: [] }), 'UNAUTHORIZED_CLIENT');
  });
});

describe('an ID token signed with EdDSA', () => {
  it('hashes the access token with the digest of that algorithm', async () => {
    const test = await createTestDeps({ config: { tokens: { algorithm: 'EdDSA' } } });
    const { tokens } = await signIn(test);
    const digest = createHash('sha512').update(tokens.accessToken).digest();
    expect(decodeJwt(tokens.idToken ?? '')['at_hash']).to.equal(digest.subarray(0, 32).toString('base64url'));
    await test.close();
  });
});
