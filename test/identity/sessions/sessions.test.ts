import { expect } from 'chai';
import {
  createSession,
  findSessionByCookie,
  revokeOtherSessions,
  revokeSession,
} from '../../../src/identity/sessions/sessions.js';
import { verifyAccessToken } from '../../../src/identity/tokens/accessToken.js';
import type { User } from '../../../src/models/user.js';
import { createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { digestOf } from '../../support/digest.js';
import { refusal } from '../../support/refusal.js';
import { refresh, signIn } from '../tokens/signedIn.js';

const ACTOR = { kind: 'user', id: 'somebody' } as const;

describe('a session', () => {
  let test: TestDeps;
  let user: User;

  beforeEach(async () => {
    test = await createTestDeps();
    user = await storeUser(test.deps);
  });
  afterEach(() => test.close());

  const open = async (withCookie = true) => {
    const opened = await createSession(test.deps, { user, amr: ['pwd'], withCookie }, ORIGIN);
    return { ...opened, cookie: opened.cookieValue ?? '' };
  };
  const find = (cookie: string) => findSessionByCookie(test.deps, cookie);
  const stored = (id: string) => test.deps.models.sessions.findOne({ _id: id }).select('+cookieHash').lean();

  it('knows its device, its address and how the user proved who they are', async () => {
    const { session } = await open();
    expect(session).to.include({ userId: user._id, address: ORIGIN.address, acr: 'aal1' });
    expect(session.amr).to.deep.equal(['pwd']);
    expect(session.device).to.include({ name: 'Firefox on Linux', kind: 'desktop' });
    expect(session.authenticatedAt.getTime()).to.be.closeTo(test.clock().getTime(), 1000);
  });

  it('is found by its cookie, of which only a digest is stored', async () => {
    const { session, cookie } = await open();
    expect(cookie).to.match(/^[A-Za-z0-9_-]{43}$/);
    expect((await find(cookie))?._id).to.equal(session._id);
    const document = await stored(session._id);
    expect(document?.cookieHash).to.equal(digestOf(cookie));
    expect(JSON.stringify(document)).to.not.contain(cookie);
    expect(JSON.stringify([session, await find(cookie)])).to.not.contain(document?.cookieHash);
  });

  it('without a cookie has none to be found by', async () => {
    const { session, cookieValue } = await open(false);
    await open(false);
    expect(cookieValue).to.equal(null);
    expect((await stored(session._id))?.cookieHash).to.equal(undefined);
  });

  it('is not found by anything else', async () => {
    const { session, cookie } = await open();
    for (const value of [
      '',
      session._id,
      cookie.slice(1),
      `${cookie}A`,
      `${cookie}\u0000`,
      'A'.repeat(43),
      'x'.repeat(1e6),
    ]) {
      expect(await find(value)).to.equal(null);
    }
  });

  it('ends when it was not used for too long; use prolongs it', async () => {
    const { cookie } = await open();
    for (let week = 0; week < 4; week += 1) {
      test.clock.advance(13 * 86_400);
      expect(await find(cookie)).to.not.equal(null);
    }
    test.clock.advance(14 * 86_400 + 1);
    expect(await find(cookie)).to.equal(null);
  });

  it('ends after its longest time, however much it is used', async () => {
    const { cookie } = await open();
    for (let day = 0; day < 89; day += 1) {
      test.clock.advance(86_400);
      expect(await find(cookie), `day ${day}`).to.not.equal(null);
    }
    test.clock.advance(86_400);
    expect(await find(cookie)).to.equal(null);
  });

  it('notes its use at most once a minute', async () => {
    const { session, cookie } = await open();
    test.clock.advance(59);
    await find(cookie);
    expect((await stored(session._id))?.lastUsedAt).to.deep.equal(session.lastUsedAt);
    test.clock.advance(2);
    await find(cookie);
    expect((await stored(session._id))?.lastUsedAt).to.be.greaterThan(session.lastUsedAt);
  });

  for (const [what, change] of Object.entries({
    'the password was changed': { passwordChangedAt: new Date() },
    'all tokens were revoked': { tokensValidAfter: new Date() },
    'the account was locked': { status: 'locked' as const },
  })) {
    it(`is not opened when ${what} while the user signed in`, async () => {
      await test.deps.models.users.updateOne({ _id: user._id }, { $set: change });
      await refusal(open(), 'INVALID_CREDENTIALS');
      expect(await test.deps.models.sessions.countDocuments()).to.equal(0);
    });
  }

  it('is not opened for a user who was deleted meanwhile', async () => {
    await test.deps.models.users.deleteOne({ _id: user._id });
    await refusal(open(), 'INVALID_CREDENTIALS');
  });

  it('is opened right after a password change by the user as read then', async () => {
    await test.deps.models.users.updateOne({ _id: user._id }, { $set: { passwordChangedAt: test.clock() } });
    await revokeOtherSessions(test.deps, user._id, null, 'password changed', ACTOR, ORIGIN);
    const changed = await test.deps.models.users.findOne({ _id: user._id }).orFail().lean();
    const { tokens } = await signIn(test, { user: changed });
    await verifyAccessToken(test.deps, tokens.accessToken);
  });

  it('when revoked takes its cookie, its refresh tokens and its access tokens along', async () => {
    const browser = await signIn(test, { user, withCookie: true });
    const other = await signIn(test, { user });
    await revokeSession(test.deps, browser.session._id, 'sign-out', ACTOR, ORIGIN);
    expect(await find(browser.cookieValue ?? '')).to.equal(null);
    await refusal(refresh(test, browser.client, browser.refreshToken), 'INVALID_GRANT');
    await refusal(verifyAccessToken(test.deps, browser.tokens.accessToken), 'INVALID_TOKEN');
    await verifyAccessToken(test.deps, other.tokens.accessToken);
    await refresh(test, other.client, other.refreshToken);
    const [event] = await test.deps.models.auditEvents.find({ action: 'session.revoke' }).lean();
    expect(event).to.include({ objectId: browser.session._id, actorId: 'somebody', reason: 'sign-out' });
  });

  it('may be revoked again: a revocation that died half-way is finished', async () => {
    const browser = await signIn(test, { user });
    const dying = {
      ...test.deps,
      denylist: {
        ...test.deps.denylist,
        deny: async () => {
          throw new Error('killed');
        },
      },
    };
    await revokeSession(dying, browser.session._id, 'sign-out', ACTOR, ORIGIN).catch(() => undefined);
    await verifyAccessToken(test.deps, browser.tokens.accessToken);
    await revokeSession(test.deps, browser.session._id, 'sign-out', ACTOR, ORIGIN);
    await refusal(verifyAccessToken(test.deps, browser.tokens.accessToken), 'INVALID_TOKEN');
  });

  it('that does not exist cannot be revoked', async () => {
    await refusal(revokeSession(test.deps, 'none', 'x', ACTOR, ORIGIN), 'NOT_FOUND');
  });

  it('stays when the others are revoked, and they are counted', async () => {
    const [kept, second, third] = [
      await signIn(test, { user }),
      await signIn(test, { user }),
      await signIn(test, { user }),
    ];
    const stranger = await signIn(test);
    expect(await revokeOtherSessions(test.deps, user._id, kept.session._id, 'x', ACTOR, ORIGIN)).to.equal(2);
    await verifyAccessToken(test.deps, kept.tokens.accessToken);
    await refresh(test, kept.client, kept.refreshToken);
    await verifyAccessToken(test.deps, stranger.tokens.accessToken);
    for (const gone of [second, third]) {
      await refusal(verifyAccessToken(test.deps, gone.tokens.accessToken), 'INVALID_TOKEN');
      await refusal(refresh(test, gone.client, gone.refreshToken), 'INVALID_GRANT');
    }
    expect(await revokeOtherSessions(test.deps, user._id, kept.session._id, 'x', ACTOR, ORIGIN)).to.equal(0);
  });

  it('goes with all of them when none is kept', async () => {
    const opened = [await signIn(test, { user }), await signIn(test, { user })];
    expect(await revokeOtherSessions(test.deps, user._id, null, 'x', ACTOR, ORIGIN)).to.equal(2);
    for (const gone of opened) {
      await refusal(verifyAccessToken(test.deps, gone.tokens.accessToken), 'INVALID_TOKEN');
      await refusal(refresh(test, gone.client, gone.refreshToken), 'INVALID_GRANT');
    }
  });
});
