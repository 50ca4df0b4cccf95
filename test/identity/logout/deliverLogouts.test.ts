import { expect } from 'chai';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { lockUser } from '../../../src/identity/accounts/administratorLock.js';
import { updateClient } from '../../../src/identity/clients/clients.js';
import { deliverDueLogouts } from '../../../src/identity/logout/deliverLogouts.js';
import { revokeOtherSessions, revokeSession } from '../../../src/identity/sessions/sessions.js';
import { revokeRefreshToken } from '../../../src/identity/tokens/revokeRefreshToken.js';
import { revokeTokens } from '../../../src/identity/tokens/revokeTokens.js';
import { createTestDeps, ORIGIN, type TestDeps } from '../../support/deps.js';
import { type Outside, startOutside } from '../../support/outside.js';
import { type SignedIn, signIn, storeClient } from '../tokens/signedIn.js';

const ACTOR = { kind: 'system' } as const;
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

describe('a client that wants to hear of sign-outs', () => {
  let test: TestDeps;
  let outside: Outside;

  beforeEach(async () => {
    outside = await startOutside();
    test = await createTestDeps({
      config: { ...outside.config, backchannelLogout: { maxAttempts: 3, firstRetrySeconds: 10 } },
    });
  });
  afterEach(async () => {
    await test.close();
    await outside.close();
  });

  const listening = (over: object = {}) =>
    storeClient(test, { backchannelLogoutUri: `${outside.url}/logout`, ...over });
  const end = ({ session }: SignedIn) => revokeSession(test.deps, session._id, 'signed out', ACTOR, ORIGIN);
  const deliver = () => deliverDueLogouts(test.deps);
  const tokens = () =>
    outside.received.map(({ body }) => new URLSearchParams(body).get('logout_token') ?? '');
  const waiting = () => test.deps.models.logoutDeliveries.countDocuments();
  const audited = (action: string) => test.deps.models.auditEvents.countDocuments({ action });

  it('gets a logout token that a JWT verifier takes (Back-Channel Logout §2.4, §2.5)', async () => {
    const signedIn = await signIn(test, { client: await listening() });
    await end(signedIn);
    expect(await deliver()).to.equal(1);
    expect(outside.received[0]).to.deep.include({ method: 'POST', path: '/logout' });
    expect(outside.received[0]?.headers['content-type']).to.equal('application/x-www-form-urlencoded');
    const { payload } = await jwtVerify(tokens()[0] ?? '', createLocalJWKSet(test.deps.keys.publicJwks()), {
      issuer: test.deps.config.issuer,
      audience: signedIn.client._id,
      typ: 'logout+jwt',
      currentDate: test.clock(),
    });
    expect(payload).to.deep.include({
      sub: signedIn.user._id,
      sid: signedIn.session._id,
      events: { [EVENT]: {} },
    });
    expect(payload.jti).to.be.a('string');
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).to.equal(120);
    expect(payload).not.to.have.property('nonce');
    expect(await waiting()).to.equal(0);
    expect(await audited('logout.deliver')).to.equal(1);
  });

  it('is told by the subject that it knows, where subjects are pairwise', async () => {
    const signedIn = await signIn(test, { client: await listening({ subjectType: 'pairwise' }) });
    await end(signedIn);
    await deliver();
    const known = decodeJwt(signedIn.tokens.idToken ?? '').sub;
    expect(known).not.to.equal(signedIn.user._id);
    expect(decodeJwt(tokens()[0] ?? '').sub).to.equal(known);
  });

  it('is told although it never had a refresh token', async () => {
    const client = await listening({ grantTypes: ['authorization_code'] });
    await end(await signIn(test, { client }));
    expect(await deliver()).to.equal(1);
  });

  it('is told when it began to listen after its tokens', async () => {
    const signedIn = await signIn(test);
    const patch = { backchannelLogoutUri: `${outside.url}/logout` };
    await updateClient(test.deps, signedIn.client._id, patch, ACTOR, ORIGIN);
    await end(signedIn);
    expect(await deliver()).to.equal(1);
  });

  it('hears nothing of sessions that it had no tokens in, nor does one that does not listen', async () => {
    await listening();
    await end(await signIn(test));
    expect(await deliver()).to.equal(0);
  });

  it('is told once of each session, of all clients in it, however often it is ended', async () => {
    const first = await signIn(test, { client: await listening() });
    const second = await signIn(test, { ...first, client: await listening() });
    await Promise.all([end(first), end(second), end(first)]);
    await deliver();
    await end(first);
    await deliver();
    expect(tokens().map((token) => decodeJwt(token).aud)).to.have.members([
      first.client._id,
      second.client._id,
    ]);
  });

  for (const [what, act] of Object.entries({
    'every session is revoked': ({ user }: SignedIn) =>
      revokeOtherSessions(test.deps, user._id, null, 'revoked', ACTOR, ORIGIN),
    'the account is locked': ({ user }: SignedIn) =>
      lockUser(test.deps, { userId: user._id, reason: 'test' }, ACTOR, ORIGIN),
    'its only refresh token is revoked, and no cookie keeps the session': ({
      refreshToken,
      client,
    }: SignedIn) => revokeRefreshToken(test.deps, { token: refreshToken, clientId: client._id }, ORIGIN),
    'the tokens of the user are revoked': ({ user }: SignedIn) =>
      revokeTokens(test.deps, { kind: 'user', id: user._id }, ACTOR, ORIGIN),
  })) {
    it(`is told when ${what}`, async () => {
      await act(await signIn(test, { client: await listening() }));
      expect(await deliver()).to.equal(1);
    });
  }

  it('hears nothing while a cookie keeps the session alive', async () => {
    const { refreshToken, client } = await signIn(test, { client: await listening(), withCookie: true });
    await revokeRefreshToken(test.deps, { token: refreshToken, clientId: client._id }, ORIGIN);
    expect(await deliver()).to.equal(0);
  });

  it('is asked again, after waits that grow, with a new token each time', async () => {
    outside.answer((_one, response) => response.writeHead(503).end());
    await end(await signIn(test, { client: await listening() }));
    expect(await deliver()).to.equal(1);
    expect(await deliver()).to.equal(0);
    test.clock.advance(11);
    expect(await deliver()).to.equal(1);
    test.clock.advance(11);
    expect(await deliver()).to.equal(0);
    test.clock.advance(10);
    outside.answer((_one, response) => response.writeHead(204).end());
    expect(await deliver()).to.equal(1);
    expect(await waiting()).to.equal(0);
    expect(new Set(tokens().map((token) => decodeJwt(token).jti)).size).to.equal(3);
  });

  it('is given up after so many attempts, with an audit event', async () => {
    outside.answer((_one, response) => response.writeHead(302, { location: 'https://10.0.0.1/' }).end());
    await end(await signIn(test, { client: await listening() }));
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await deliver();
      test.clock.advance(3600);
    }
    expect(outside.received).to.have.lengthOf(3);
    expect(await waiting()).to.equal(0);
    expect(await audited('logout.giveUp')).to.equal(1);
  });

  it('is told by whoever comes next when a process dies in an attempt', async () => {
    await end(await signIn(test, { client: await listening() }));
    // What a process leaves behind that dies between its claim and the answer.
    await test.deps.models.logoutDeliveries.updateOne(
      {},
      { $set: { dueAt: new Date(test.clock().getTime() + 35_000) }, $inc: { attempts: 1 } },
    );
    expect(await deliver()).to.equal(0);
    test.clock.advance(36);
    expect(await deliver()).to.equal(1);
  });

  it('is left alone when it is gone', async () => {
    const signedIn = await signIn(test, { client: await listening() });
    await end(signedIn);
    await test.deps.models.clients.deleteOne({ _id: signedIn.client._id });
    await deliver();
    expect([outside.received.length, await waiting()]).to.deep.equal([0, 0]);
  });

  it('costs one look where nobody is to be told', async () => {
    let looks = 0;
    const { db } = test.deps.models.logoutDeliveries;
    db.set('debug', (collection: string) => {
      if (collection === 'logoutDeliveries') looks += 1;
    });
    expect(await deliver()).to.equal(0);
    expect(looks).to.equal(1);
  });
});
