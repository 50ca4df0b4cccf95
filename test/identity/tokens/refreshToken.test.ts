import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { reauthenticateSession } from '../../../src/identity/sessions/reauthenticate.js';
import { verifyAccessToken } from '../../../src/identity/tokens/accessToken.js';
import { findRefreshFamily } from '../../../src/identity/tokens/findRefreshFamily.js';
import { revokeRefreshToken } from '../../../src/identity/tokens/revokeRefreshToken.js';
import { afterRead } from '../../support/afterRead.js';
import { createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';
import { refresh, type SignedIn, signIn, storeClient } from './signedIn.js';

describe('a refresh token', () => {
  let test: TestDeps;
  let alice: SignedIn;

  beforeEach(async () => {
    test = await createTestDeps();
    alice = await signIn(test);
  });
  afterEach(() => test.close());

  const familyOf = async ({ session }: SignedIn) => {
    const family = await test.deps.models.refreshFamilies.findOne({ sessionId: session._id }).lean();
    if (!family) throw new Error('no family');
    return family;
  };
  const use = (token: string | null, over: { scopes?: string[]; sender?: { jkt: string } } = {}) =>
    refresh(test, alice.client, token, over);
  const expectUntouched = async () => {
    expect(await familyOf(alice)).to.include({ counter: 0, rotations: 0, replays: 0 });
    expect((await familyOf(alice)).revokedAt).to.equal(undefined);
    await use(alice.refreshToken);
  };

  it('is exchanged for a successor and a new access token of the same session', async () => {
    const next = await use(alice.refreshToken);
    expect(next.refreshToken).to.be.a('string').and.not.equal(alice.refreshToken);
    expect(next.scopes).to.deep.equal(['openid', 'profile']);
    expect(next.idToken).to.be.a('string');
    const claims = await verifyAccessToken(test.deps, next.accessToken);
    expect(claims).to.include({ subject: alice.user._id, sessionId: alice.session._id });
    expect(claims.authTimeSeconds).to.equal(Math.floor(alice.session.authenticatedAt.getTime() / 1000));
    expect(await familyOf(alice)).to.include({ counter: 1, rotations: 1, replays: 0 });
  });

  it('tells of the sign-in that it was granted for, however the session was raised since (OpenID Connect Core §12.2)', async () => {
    const authTime = Math.floor(alice.session.authenticatedAt.getTime() / 1000);
    test.clock.advance(700);
    const proof = { amr: ['pwd', 'otp', 'mfa'], acr: 'aal2', withCookie: false };
    await reauthenticateSession(test.deps, alice.session, proof);
    const { accessToken, idToken } = await use(alice.refreshToken);
    const claims = await verifyAccessToken(test.deps, accessToken);
    expect(claims).to.deep.include({ acr: 'aal1', amr: ['pwd'], authTimeSeconds: authTime });
    expect(decodeJwt(idToken ?? '')).to.deep.include({ acr: 'aal1', amr: ['pwd'], auth_time: authTime });
  });

  it('goes on for many turns', async () => {
    let token: string | null = alice.refreshToken;
    for (let turn = 0; turn < 12; turn += 1) token = (await use(token)).refreshToken;
    expect((await familyOf(alice)).counter).to.equal(12);
  });

  it('is not in the database, nor can it be made from what is', async () => {
    const family = await familyOf(alice);
    const [, , signature] = alice.refreshToken.split('.');
    expect(JSON.stringify(family)).to.not.contain(signature);
  });

  it('is refused without a query when it is garbage', async () => {
    const { models } = test.deps;
    const [id, counter, signature = ''] = alice.refreshToken.split('.');
    const otherLetter = signature.startsWith('A') ? 'B' : 'A';
    const offline = new Proxy(models, {
      get() {
        throw new Error('queried');
      },
    });
    for (const garbage of [
      '',
      'garbage',
      '..',
      `${id}.1.${signature}`,
      `${id}.00.${signature}`,
      `${id}.-0.${signature}`,
      `${id}.${counter}.${otherLetter}${signature.slice(1)}`,
      `${id}.${counter}.${signature}=`,
      `${id}.${counter}.${signature}\n`,
      `${id}.${counter}`,
      `A${id?.slice(1)}.${counter}.${signature}`,
      '\u0000'.repeat(50),
      'x'.repeat(1_000_000),
      alice.tokens.accessToken,
    ]) {
      if (garbage === alice.refreshToken) continue;
      const attempt = refresh({ ...test, deps: { ...test.deps, models: offline } }, alice.client, garbage);
      await refusal(attempt, 'INVALID_GRANT');
    }
    await expectUntouched();
  });

  it('repeated at once gives the same successor, whose access token works', async () => {
    const first = await use(alice.refreshToken);
    test.clock.advance(9);
    const again = await use(alice.refreshToken);
    expect(again.refreshToken).to.equal(first.refreshToken);
    expect(again.accessToken).to.not.equal(first.accessToken);
    await verifyAccessToken(test.deps, again.accessToken);
    expect(await familyOf(alice)).to.include({ counter: 1, rotations: 1, replays: 1 });
    await use(first.refreshToken);
  });

  it('survives a crash between the swap and the reply: the retry gets the successor', async () => {
    // The swap reached the database; signing failed, so nobody got the reply.
    const dying = {
      ...test.deps,
      keys: {
        ...test.deps.keys,
        sign: async () => {
          throw new Error('killed');
        },
      },
    };
    const failure = await refresh({ ...test, deps: dying }, alice.client, alice.refreshToken).catch(
      (error: unknown) => error,
    );
    expect(failure).to.be.instanceOf(Error).with.property('message', 'killed');
    expect((await familyOf(alice)).counter).to.equal(1);
    const retried = await use(alice.refreshToken);
    await use(retried.refreshToken);
  });

  it('repeated after the leeway ends the family', async () => {
    const next = await use(alice.refreshToken);
    test.clock.advance(11);
    await refusal(use(alice.refreshToken), 'INVALID_GRANT');
    await refusal(use(next.refreshToken), 'INVALID_GRANT');
    expect((await familyOf(alice)).revokedReason).to.contain('used');
  });

  it('repeated after its successor was used ends the family, also within the leeway', async () => {
    const second = await use(alice.refreshToken);
    const third = await use(second.refreshToken);
    await refusal(use(alice.refreshToken), 'INVALID_GRANT');
    await refusal(use(third.refreshToken), 'INVALID_GRANT');
  });

  it('older than the predecessor ends the family at any time', async () => {
    let token: string | null = alice.refreshToken;
    for (let turn = 0; turn < 3; turn += 1) token = (await use(token)).refreshToken;
    await refusal(use(alice.refreshToken), 'INVALID_GRANT');
    await refusal(use(token), 'INVALID_GRANT');
  });

  it('without a leeway configured may not be repeated at all', async () => {
    const strict = await createTestDeps({ config: { tokens: { refreshLeewaySeconds: 0 } } });
    const bob = await signIn(strict);
    await refresh(strict, bob.client, bob.refreshToken);
    strict.clock.advance(0.001);
    await refusal(refresh(strict, bob.client, bob.refreshToken), 'INVALID_GRANT');
    await strict.close();
  });

  describe('that was stolen', () => {
    const steal = async (victim: SignedIn) => {
      const next = await refresh(test, victim.client, victim.refreshToken);
      test.clock.advance(60);
      await refusal(refresh(test, victim.client, victim.refreshToken), 'INVALID_GRANT');
      return next;
    };

    it('takes the access tokens of its family along', async () => {
      const next = await steal(alice);
      await refusal(verifyAccessToken(test.deps, next.accessToken), 'INVALID_TOKEN');
      await refusal(verifyAccessToken(test.deps, alice.tokens.accessToken), 'INVALID_TOKEN');
    });

    it('leaves the other devices and the other apps of the same session alone', async () => {
      const elsewhere = await signIn(test, { user: alice.user, client: alice.client });
      const otherApp = await signIn(test, { user: alice.user, session: alice.session });
      await steal(alice);
      await verifyAccessToken(test.deps, elsewhere.tokens.accessToken);
      await refresh(test, elsewhere.client, elsewhere.refreshToken);
      await verifyAccessToken(test.deps, otherApp.tokens.accessToken);
      await refresh(test, otherApp.client, otherApp.refreshToken);
    });

    it('leaves the browser session signed in, where the app can start a new family', async () => {
      const browser = await signIn(test, { user: alice.user, client: alice.client, withCookie: true });
      await steal(browser);
      const session = await test.deps.models.sessions.findOne({ _id: browser.session._id }).lean();
      expect(session?.revokedAt).to.equal(undefined);
      const anew = await signIn(test, { user: alice.user, client: alice.client, session: browser.session });
      await verifyAccessToken(test.deps, anew.tokens.accessToken);
      await refresh(test, anew.client, anew.refreshToken);
    });

    it('ends a session that had nothing but this family', async () => {
      await steal(alice);
      const session = await test.deps.models.sessions.findOne({ _id: alice.session._id }).lean();
      expect(session?.revokedAt).to.be.instanceOf(Date);
    });

    it('is told to the owner and the audit trail once, however often it is shown', async () => {
      await steal(alice);
      for (let attempt = 0; attempt < 3; attempt += 1) {
        await refusal(use(alice.refreshToken), 'INVALID_GRANT');
      }
      await test.settled();
      expect(test.mails).to.have.lengthOf(1);
      expect(test.mails[0]).to.include({ to: alice.user.email });
      expect(test.mails[0]?.text).to.contain('Firefox on Linux');
      const events = await test.deps.models.auditEvents.find({ action: 'token.reuse' }).lean();
      expect(events).to.have.lengthOf(1);
      expect(events[0]).to.include({
        outcome: 'denied',
        clientId: alice.client._id,
        address: ORIGIN.address,
      });
      expect(JSON.stringify(events)).to.not.contain(alice.refreshToken.split('.')[2]);
      const { text } = await test.deps.metrics.expose();
      expect(text).to.match(/auth_refresh_token_rotations_total\{[^}]*theft[^}]*\} 1/);
    });
  });

  describe('is refused and stays good', () => {
    it('when another client shows it', async () => {
      const other = await storeClient(test);
      await refusal(refresh(test, other, alice.refreshToken), 'INVALID_GRANT');
      await expectUntouched();
    });

    it('when more is asked for than the family has', async () => {
      await refusal(use(alice.refreshToken, { scopes: ['openid', 'email'] }), 'INVALID_SCOPE');
      await expectUntouched();
    });

    it('when the client may not refresh', async () => {
      const client = { ...alice.client, grantTypes: ['authorization_code' as const] };
      await refusal(refresh(test, client, alice.refreshToken), 'UNAUTHORIZED_CLIENT');
      await expectUntouched();
    });

    it('when the user is locked, until the lock ends', async () => {
      const { users } = test.deps.models;
      const lockedUntil = new Date(test.clock().getTime() + 60_000);
      await users.updateOne({ _id: alice.user._id }, { $set: { status: 'locked', lockedUntil } });
      await refusal(use(alice.refreshToken), 'INVALID_GRANT');
      test.clock.advance(61);
      await expectUntouched();
    });

    it('when it is bound to a key and another one, or none, is proved', async () => {
      const bound = await signIn(test, {
        user: alice.user,
        client: alice.client,
        sender: { jkt: 'thumbprint' },
      });
      const attempts = [{}, { sender: { jkt: 'another' } }];
      for (const over of attempts) await refusal(use(bound.refreshToken, over), 'INVALID_GRANT');
      const next = await use(bound.refreshToken, { sender: { jkt: 'thumbprint' } });
      for (const over of attempts) await refusal(use(bound.refreshToken, over), 'INVALID_GRANT');
      expect((await use(bound.refreshToken, { sender: { jkt: 'thumbprint' } })).refreshToken).to.equal(
        next.refreshToken,
      );
      await use(next.refreshToken, { sender: { jkt: 'thumbprint' } });
    });
  });

  it('in the leeway gives no wider scope than the family has', async () => {
    await use(alice.refreshToken, { scopes: ['openid'] });
    await refusal(use(alice.refreshToken, { scopes: ['email'] }), 'INVALID_SCOPE');
    expect((await use(alice.refreshToken, { scopes: ['profile'] })).scopes).to.deep.equal(['profile']);
  });

  it('narrows one access token, not the family', async () => {
    const narrow = await use(alice.refreshToken, { scopes: ['profile', 'profile'] });
    expect(narrow.scopes).to.deep.equal(['profile']);
    expect(narrow.idToken).to.equal(null);
    expect((await use(narrow.refreshToken)).scopes).to.deep.equal(['openid', 'profile']);
  });

  it('no longer gives a scope that the client has lost', async () => {
    const client = { ...alice.client, scopes: ['openid'] };
    expect((await refresh(test, client, alice.refreshToken)).scopes).to.deep.equal(['openid']);
  });

  it('ends with its family, however much it is used', async () => {
    let token: string | null = alice.refreshToken;
    for (let day = 0; day < 29; day += 1) {
      test.clock.advance(86_400);
      token = (await use(token)).refreshToken;
    }
    test.clock.advance(2 * 86_400);
    await refusal(use(token), 'INVALID_GRANT');
  });

  it('ends when its session was not used for too long, and keeps it in use', async () => {
    test.clock.advance(13 * 86_400);
    const { refreshToken } = await use(alice.refreshToken);
    test.clock.advance(13 * 86_400);
    const last = await use(refreshToken);
    test.clock.advance(14 * 86_400 + 1);
    await refusal(use(last.refreshToken), 'INVALID_GRANT');
  });

  it('has the lifetime that its client is given', async () => {
    const client = await storeClient(test, { refreshTokenTtlSeconds: 60 });
    const brief = await signIn(test, { user: alice.user, client });
    test.clock.advance(61);
    await refusal(refresh(test, client, brief.refreshToken), 'INVALID_GRANT');
  });

  it('ends when its user is disabled or deleted', async () => {
    const { users } = test.deps.models;
    await users.updateOne({ _id: alice.user._id }, { $set: { status: 'disabled' } });
    await refusal(use(alice.refreshToken), 'INVALID_GRANT');
    await users.deleteOne({ _id: alice.user._id });
    await refusal(use(alice.refreshToken), 'INVALID_GRANT');
  });

  it('ends when all tokens of its user or its client are marked, even if its family was forgotten', async () => {
    test.clock.advance(1);
    const { users } = test.deps.models;
    await users.updateOne({ _id: alice.user._id }, { $set: { tokensValidAfter: test.clock() } });
    await refusal(use(alice.refreshToken), 'INVALID_GRANT');
    const bob = await signIn(test);
    test.clock.advance(1);
    const client = { ...bob.client, tokensValidAfter: test.clock() };
    await refusal(refresh(test, client, bob.refreshToken), 'INVALID_GRANT');
  });

  it('from after a loss of data is refused without an alarm', async () => {
    const next = await use(alice.refreshToken);
    await test.deps.models.refreshFamilies.updateOne({}, { $set: { counter: 0 } });
    await refusal(use(next.refreshToken), 'INVALID_GRANT');
    expect((await familyOf(alice)).revokedAt).to.equal(undefined);
  });

  it('gives access tokens that a revocation during the refresh refuses', async () => {
    const { models, denylist } = test.deps;
    // The user is still fine when read; everything is revoked just after.
    const users = afterRead(models.users, () => denylist.deny('user', alice.user._id));
    const slow = { ...test, deps: { ...test.deps, models: { ...models, users } } };
    const { accessToken } = await refresh(slow, alice.client, alice.refreshToken);
    await refusal(verifyAccessToken(test.deps, accessToken), 'INVALID_TOKEN');
  });

  it('is audited and measured', async () => {
    await use(alice.refreshToken);
    await use(alice.refreshToken);
    await refusal(use('garbage'), 'INVALID_GRANT');
    await test.settled();
    const events = await test.deps.models.auditEvents.find({ action: 'token.refresh' }).lean();
    expect(events.map(({ outcome }) => outcome)).to.include.members(['success', 'denied']);
    const { text } = await test.deps.metrics.expose();
    for (const outcome of ['rotated', 'replayed', 'refused']) {
      expect(text).to.match(new RegExp(`auth_refresh_token_rotations_total\\{[^}]*${outcome}[^}]*\\} 1`));
    }
  });

  describe('at the revocation', () => {
    const revoke = (token: string, clientId = alice.client._id) =>
      revokeRefreshToken(test.deps, { token, clientId }, ORIGIN);

    it('ends its family with the access tokens, and may be repeated', async () => {
      await revoke(alice.refreshToken);
      await revoke(alice.refreshToken);
      await refusal(use(alice.refreshToken), 'INVALID_GRANT');
      await refusal(verifyAccessToken(test.deps, alice.tokens.accessToken), 'INVALID_TOKEN');
      expect(await test.deps.models.auditEvents.countDocuments({ action: 'token.revoke' })).to.equal(1);
      expect(test.mails).to.deep.equal([]);
    });

    it('is good for that also when it was already exchanged', async () => {
      const next = await use(alice.refreshToken);
      await revoke(alice.refreshToken);
      await refusal(use(next.refreshToken), 'INVALID_GRANT');
    });

    it('belongs to its client alone', async () => {
      await refusal(revoke(alice.refreshToken, 'another'), 'INVALID_GRANT');
      await expectUntouched();
    });

    it('is silent about what is no token', async () => {
      await revoke('garbage');
      await expectUntouched();
    });
  });

  describe('at the introspection', () => {
    it('is found while it would be accepted', async () => {
      expect((await findRefreshFamily(test.deps, alice.refreshToken))?.userId).to.equal(alice.user._id);
      const next = await use(alice.refreshToken);
      expect(await findRefreshFamily(test.deps, alice.refreshToken)).to.equal(null);
      expect(await findRefreshFamily(test.deps, next.refreshToken ?? '')).to.not.equal(null);
      expect(await findRefreshFamily(test.deps, 'garbage')).to.equal(null);
      test.clock.advance(14 * 86_400 + 1);
      expect(await findRefreshFamily(test.deps, next.refreshToken ?? '')).to.equal(null);
    });
  });

  it('is told by SMS to an owner without e-mail', async () => {
    const user = await storeUser(test.deps, { phone: '+14155550100', phoneVerified: true });
    await test.deps.models.users.updateOne({ _id: user._id }, { $unset: { email: 1, emailNormalized: 1 } });
    const bob = await signIn(test, { user, client: alice.client });
    await use(bob.refreshToken);
    test.clock.advance(60);
    await refusal(use(bob.refreshToken), 'INVALID_GRANT');
    await test.settled();
    expect(test.mails).to.deep.equal([]);
    expect(test.texts[0]?.to).to.equal('+14155550100');
  });
});
