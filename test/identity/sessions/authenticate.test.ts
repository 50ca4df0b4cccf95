import { expect } from 'chai';
import { authenticateRequest } from '../../../src/identity/sessions/authenticate.js';
import { issueClientTokens } from '../../../src/identity/tokens/issueClientTokens.js';
import type { User } from '../../../src/models/user.js';
import { ANONYMOUS } from '../../../src/policies/principal.js';
import { createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';
import { type SignedIn, signIn, storeClient } from '../tokens/signedIn.js';

describe('who is behind a request', () => {
  let test: TestDeps;
  let alice: SignedIn;

  beforeEach(async () => {
    test = await createTestDeps();
    alice = await signIn(test, { withCookie: true });
  });
  afterEach(() => test.close());

  const ask = (credentials: { bearer?: string; cookie?: string }) =>
    authenticateRequest(test.deps, credentials, ORIGIN);
  const bearer = () => ({ bearer: alice.tokens.accessToken });
  const cookie = () => ({ cookie: alice.cookieValue ?? '' });
  const changeUser = (change: Partial<User>) =>
    test.deps.models.users.updateOne({ _id: alice.user._id }, { $set: change });

  it('is nobody without a credential', async () => {
    expect(await ask({})).to.deep.equal({
      principal: ANONYMOUS,
      user: null,
      client: null,
      session: null,
      claims: null,
    });
  });

  it('is the user of an access token, as the token tells it', async () => {
    const { principal, user, client, session } = await ask(bearer());
    expect(principal).to.deep.include({ kind: 'user', id: alice.user._id, roles: ['user'], actor: null });
    expect(principal.session).to.deep.equal({
      id: alice.session._id,
      acr: 'aal1',
      amr: ['pwd'],
      authTimeSeconds: Math.floor(alice.session.authenticatedAt.getTime() / 1000),
    });
    expect(principal.token).to.deep.include({
      clientId: alice.client._id,
      scopes: ['openid', 'profile'],
      audience: ['http://127.0.0.1:3000'],
    });
    expect(user?._id).to.equal(alice.user._id);
    expect(client).to.equal(null);
    expect(session).to.equal(null);
  });

  it('is the user of a session cookie, without a token', async () => {
    const { principal, user, session } = await ask(cookie());
    expect(principal).to.include({ kind: 'user', id: alice.user._id, token: null });
    expect(principal.session?.id).to.equal(alice.session._id);
    expect(user?._id).to.equal(alice.user._id);
    expect(session?._id).to.equal(alice.session._id);
  });

  it('is the client itself for a token of its own', async () => {
    const service = await storeClient(test, {
      grantTypes: ['client_credentials'],
      tokenEndpointAuthMethod: 'client_secret_basic',
      roles: ['user'],
      scopes: ['profile'],
    });
    const { accessToken } = await issueClientTokens(test.deps, { client: service, scopes: ['profile'] });
    const { principal, user, client } = await ask({ bearer: accessToken });
    expect(principal).to.deep.include({ kind: 'client', id: service._id, roles: ['user'], session: null });
    expect(user).to.equal(null);
    expect(client?._id).to.equal(service._id);
    await test.deps.models.clients.updateOne({ _id: service._id }, { $set: { status: 'disabled' } });
    await refusal(ask({ bearer: accessToken }), 'UNAUTHENTICATED');
    await test.deps.models.clients.deleteOne({ _id: service._id });
    await refusal(ask({ bearer: accessToken }), 'UNAUTHENTICATED');
  });

  it('takes one query for a token and two for a cookie', async () => {
    const queries: string[] = [];
    const { db } = test.deps.models.users;
    // The trail of what came before may be signed at this moment.
    db.set(
      'debug',
      (collection: string) => void (collection.startsWith('audit') || queries.push(collection)),
    );
    await authenticateRequest(test.deps, bearer(), ORIGIN);
    expect(queries).to.deep.equal(['users']);
    queries.length = 0;
    await authenticateRequest(test.deps, cookie(), ORIGIN);
    expect(queries).to.deep.equal(['sessions', 'users']);
    db.set('debug', false);
  });

  it('never knows the password hash', async () => {
    await changeUser({ passwordHash: '$argon2id$secret' });
    expect(JSON.stringify([await ask(bearer()), await ask(cookie())])).to.not.contain('argon2id');
  });

  it('holds roles only within their time', async () => {
    const now = test.clock().getTime();
    const at = (seconds: number) => new Date(now + seconds * 1000);
    await changeUser({
      roleAssignments: [
        { role: 'always' },
        { role: 'until', validUntil: at(100) },
        { role: 'from', validFrom: at(100) },
        { role: 'between', validFrom: at(50), validUntil: at(150) },
        { role: 'always', validUntil: at(1) },
      ],
    });
    const rolesAfter = async (seconds: number) => {
      test.clock.advance(seconds);
      return (await ask(bearer())).principal.roles;
    };
    expect(await rolesAfter(0)).to.deep.equal(['always', 'until']);
    expect(await rolesAfter(60)).to.deep.equal(['always', 'until', 'between']);
    expect(await rolesAfter(60)).to.deep.equal(['always', 'from', 'between']);
    expect(await rolesAfter(60)).to.deep.equal(['always', 'from']);
  });

  it('has the attributes that are administered now, not when the token was issued', async () => {
    await changeUser({ attributes: { department: 'sales', level: 3 } });
    expect((await ask(bearer())).principal.attributes).to.deep.equal({ department: 'sales', level: 3 });
  });

  for (const [what, change] of Object.entries({
    locked: { status: 'locked' as const },
    disabled: { status: 'disabled' as const },
  })) {
    it(`is refused with a token and nobody with a cookie once the user is ${what}`, async () => {
      await changeUser(change);
      await refusal(ask(bearer()), 'UNAUTHENTICATED');
      expect((await ask(cookie())).principal).to.equal(ANONYMOUS);
    });
  }

  it('is the user again when the lock has ended', async () => {
    await changeUser({ status: 'locked', lockedUntil: new Date(test.clock().getTime() + 60_000) });
    await refusal(ask(bearer()), 'UNAUTHENTICATED');
    test.clock.advance(60);
    expect((await ask(bearer())).principal.id).to.equal(alice.user._id);
    expect((await ask(cookie())).principal.id).to.equal(alice.user._id);
  });

  it('is nobody any more once the user is deleted', async () => {
    await test.deps.models.users.deleteOne({ _id: alice.user._id });
    await refusal(ask(bearer()), 'UNAUTHENTICATED');
    expect((await ask(cookie())).principal).to.equal(ANONYMOUS);
  });

  it('is refused with what is from before the mark on the user, even if the denylist lost it', async () => {
    await changeUser({ tokensValidAfter: new Date(test.clock().getTime() + 1) });
    await refusal(ask(bearer()), 'UNAUTHENTICATED');
    expect((await ask(cookie())).principal).to.equal(ANONYMOUS);
  });

  it('is refused with a bad token, however good the cookie is', async () => {
    for (const bad of [
      '',
      'garbage',
      `${alice.tokens.accessToken}x`,
      alice.refreshToken,
      alice.tokens.idToken ?? '',
    ]) {
      await refusal(ask({ bearer: bad, ...cookie() }), 'UNAUTHENTICATED');
    }
    test.clock.advance(901);
    await refusal(ask({ ...bearer(), ...cookie() }), 'UNAUTHENTICATED');
    await test.settled();
    const events = await test.deps.models.auditEvents.find({ action: 'token.verify' }).lean();
    expect(
      events.every(({ outcome, address }) => outcome === 'denied' && address === ORIGIN.address),
    ).to.equal(true);
    expect(events).to.not.have.lengthOf(0);
  });

  it('is nobody with a dead cookie, so that its owner can sign in again', async () => {
    for (const dead of ['', 'garbage', 'A'.repeat(43)]) {
      expect((await ask({ cookie: dead })).principal).to.equal(ANONYMOUS);
    }
  });

  it('is the bearer of the token where both are shown', async () => {
    const bob = await signIn(test, { user: await storeUser(test.deps), withCookie: true });
    const { principal } = await ask({ ...bearer(), cookie: bob.cookieValue ?? '' });
    expect(principal.id).to.equal(alice.user._id);
  });
});
