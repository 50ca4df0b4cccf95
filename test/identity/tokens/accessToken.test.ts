import { expect } from 'chai';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { verifyAccessToken } from '../../../src/identity/tokens/accessToken.js';
import { issueAccessToken } from '../../../src/identity/tokens/issueAccessToken.js';
import { createTestDeps, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';

describe('an access token', () => {
  let test: TestDeps;

  beforeEach(async () => {
    test = await createTestDeps();
  });
  afterEach(() => test.close());

  const request = {
    subject: 'user-1',
    clientId: 'client-1',
    scopes: ['openid', 'profile'],
    audience: ['http://127.0.0.1:3000'],
    sessionId: 'session-1',
    authTime: 1_700_000_000,
    acr: 'aal1',
    amr: ['pwd'],
    ttlSeconds: 900,
  };
  const issue = (over: Partial<typeof request> = {}) => issueAccessToken(test.deps, { ...request, ...over });

  it('carries the claims of RFC 9068', async () => {
    const { token, expiresInSeconds, jti } = await issue();
    const claims = decodeJwt(token);
    expect(decodeProtectedHeader(token).typ).to.equal('at+jwt');
    expect(expiresInSeconds).to.equal(900);
    expect(claims).to.include({
      iss: 'http://127.0.0.1:3000',
      sub: 'user-1',
      aud: 'http://127.0.0.1:3000',
      client_id: 'client-1',
      scope: 'openid profile',
      sid: 'session-1',
      auth_time: 1_700_000_000,
      acr: 'aal1',
      jti,
    });
    expect(claims['amr']).to.deep.equal(['pwd']);
    expect(Number.isInteger(claims.iat), 'strict verifiers read whole seconds').to.equal(true);
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).to.equal(900);
  });

  it('reads back as it was asked for, with its time of issue to the millisecond', async () => {
    const before = test.clock().getTime();
    const { token, jti } = await issue();
    const claims = await verifyAccessToken(test.deps, token);
    expect(claims).to.deep.include({
      subject: 'user-1',
      clientId: 'client-1',
      scopes: ['openid', 'profile'],
      audience: ['http://127.0.0.1:3000'],
      sessionId: 'session-1',
      authTimeSeconds: 1_700_000_000,
      acr: 'aal1',
      amr: ['pwd'],
      jti,
    });
    expect(claims.issuedAtMilliseconds).to.be.within(before, test.clock().getTime());
    expect(claims.expiresAtSeconds).to.equal(claims.issuedAtSeconds + 900);
  });

  it('has a jti of its own', async () => {
    const tokens = await Promise.all(Array.from({ length: 100 }, () => issue()));
    expect(new Set(tokens.map(({ jti }) => jti)).size).to.equal(100);
  });

  it('is refused when it has expired', async () => {
    const { token } = await issue({ ttlSeconds: 10 });
    await verifyAccessToken(test.deps, token);
    test.clock.advance(11);
    await refusal(verifyAccessToken(test.deps, token), 'INVALID_TOKEN');
  });

  it('is refused at this API when it is for another one, but not at the introspection', async () => {
    const { token } = await issue({ audience: ['https://orders.example'] });
    await refusal(verifyAccessToken(test.deps, token), 'INVALID_TOKEN');
    const claims = await verifyAccessToken(test.deps, token, { anyAudience: true });
    expect(claims.audience).to.deep.equal(['https://orders.example']);
  });

  it('is accepted for one of several audiences', async () => {
    const { token } = await issue({ audience: ['https://orders.example', 'http://127.0.0.1:3000'] });
    expect((await verifyAccessToken(test.deps, token)).audience).to.have.lengthOf(2);
  });

  it('is refused from the moment it is denied, also when its signature is remembered', async () => {
    const { token, jti } = await issue();
    const { token: other } = await issue();
    await verifyAccessToken(test.deps, token);
    await test.deps.denylist.deny('jti', jti);
    await refusal(verifyAccessToken(test.deps, token), 'INVALID_TOKEN');
    await verifyAccessToken(test.deps, other);
  });

  it('issued in the same moment as a mark, before it, is refused; the next one is good', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { token: before } = await issue();
      await test.deps.denylist.deny('user', 'user-1');
      const { token: after } = await issue();
      await refusal(verifyAccessToken(test.deps, before), 'INVALID_TOKEN');
      await verifyAccessToken(test.deps, after);
    }
  });

  it('never lives longer than the denylist remembers', async () => {
    const { expiresInSeconds } = await issue({ ttlSeconds: 10 * 86_400 });
    expect(expiresInSeconds).to.equal(3600);
  });

  it('of a time with longer lifetimes ends with the longest that is allowed now', async () => {
    const generous = {
      ...test.deps.config,
      tokens: { ...test.deps.config.tokens, accessTokenTtlSeconds: 86_400 },
    };
    const { token } = await issueAccessToken(
      { ...test.deps, config: generous },
      { ...request, ttlSeconds: 86_400 },
    );
    await verifyAccessToken(test.deps, token);
    test.clock.advance(3601);
    await refusal(verifyAccessToken(test.deps, token), 'INVALID_TOKEN');
    await verifyAccessToken({ ...test.deps, config: generous }, token);
  });

  it('verifies when MongoDB and Redis are gone', async () => {
    const { token } = await issue();
    const { token: fresh } = await issue();
    await verifyAccessToken(test.deps, token);
    const gone = new Proxy({} as TestDeps['deps']['models'] & TestDeps['deps']['ephemeral'], {
      get: () => {
        throw new Error('the store is gone');
      },
    });
    const cutOff = { ...test.deps, models: gone, ephemeral: gone };
    expect((await verifyAccessToken(cutOff, token)).subject).to.equal('user-1');
    expect((await verifyAccessToken(cutOff, fresh)).subject).to.equal('user-1');
  });
});
