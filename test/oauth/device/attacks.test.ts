import { expect } from 'chai';
import { revokeConsent } from '../../../src/identity/consents.js';
import { createVisitor, formOf, headingOf } from '../../pages/visitor.js';
import { startApp, type TestApp } from '../../support/app.js';
import { allowAll, follow, signedInVisitor } from '../authorize/flow.js';
import {
  approve,
  BOX_SECRET,
  DEVICE_GRANT,
  poll,
  reachDecision,
  startDevice,
  startDevices,
} from './device.js';

const NOTHING_WAITS = 'No device waits under this code';

describe('attacks on the device flow', () => {
  let app: TestApp;
  before(async () => {
    app = await startDevices();
  });
  after(() => app.close());

  it('refuses the device code of another client (RFC 8628 §3.4), and leaves it to its own', async () => {
    const { device_code: deviceCode, user_code: userCode } = await startDevice(app);
    await approve(app, userCode);
    const stolen = await app.rest('/oauth/token', {
      form: { grant_type: DEVICE_GRANT, device_code: deviceCode },
      basic: ['box', BOX_SECRET],
    });
    expect([stolen.status, stolen.body.error]).to.deep.equal([400, 'invalid_grant']);
    expect((await poll(app, deviceCode)).status).to.equal(200);
  });

  it('gives nothing for a device code a second time', async () => {
    const { device_code: deviceCode, user_code: userCode } = await startDevice(app);
    await approve(app, userCode);
    expect((await poll(app, deviceCode)).status).to.equal(200);
    expect((await poll(app, deviceCode)).body.error).to.equal('invalid_grant');
  });

  it('refuses codes that are guessed, empty, long or of another alphabet, all alike', async () => {
    for (const guess of ['x', 'A'.repeat(43), 'A'.repeat(5000), '{"$ne":null}', '💥']) {
      const { status, body } = await poll(app, guess);
      expect([status, body.error]).to.deep.equal([400, 'invalid_grant']);
    }
    expect((await poll(app, '')).body.error).to.equal('invalid_request');
  });

  it('keeps a refusal: nothing can be approved after it, and no token comes', async () => {
    const { device_code: deviceCode, user_code: userCode } = await startDevice(app);
    const visitor = createVisitor(app);
    const page = await reachDecision(app, visitor, userCode, await app.signUpAndConfirm());
    await visitor.send(page, { 'choice.refuse': '1' });
    expect((await visitor.send(page, allowAll(page))).status).to.equal(401);
    expect(headingOf(await reachDecision(app, visitor, userCode))).to.equal(NOTHING_WAITS);
    expect((await poll(app, deviceCode)).body.error).to.equal('access_denied');
  });

  it('takes one confirmation of a code and no second, by nobody', async () => {
    const { user_code: userCode } = await startDevice(app);
    const visitor = createVisitor(app);
    const page = await reachDecision(app, visitor, userCode, await app.signUpAndConfirm());
    expect(headingOf(await visitor.send(page, allowAll(page)))).to.equal('Your device is connected');
    expect((await visitor.send(page, allowAll(page))).status).to.equal(401);
    const other = await signedInVisitor(app);
    expect(headingOf(await reachDecision(app, other.visitor, userCode))).to.equal(NOTHING_WAITS);
  });

  it('takes no confirmation without the token of the form, from another site, or from another browser', async () => {
    const { device_code: deviceCode, user_code: userCode } = await startDevice(app);
    const { visitor, person } = await signedInVisitor(app);
    const page = await reachDecision(app, visitor, userCode);
    const yes = allowAll(page);
    const { hidden } = formOf(page.text);
    const victim = await signedInVisitor(app, person);
    for (const refused of [
      await visitor.send(page, { ...yes, csrf: '' }),
      await visitor.send(page, { ...yes, csrf: hidden['csrf']?.replace(/.$/, '!') ?? '' }),
      await visitor.send(page, yes, { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }),
      // The attacker's own form and request, in the browser of somebody who is signed in.
      await victim.visitor.send(page, yes),
    ]) {
      expect(refused.status).to.be.within(400, 403);
    }
    expect((await poll(app, deviceCode)).body.error).to.equal('authorization_pending');
  });

  it('lets no other browser go on with a code that was typed in one', async () => {
    const { user_code: userCode } = await startDevice(app);
    const { visitor } = await signedInVisitor(app);
    const page = await reachDecision(app, visitor, userCode);
    const id = formOf(page.text).hidden['request'] ?? '';
    const other = await signedInVisitor(app);
    expect((await other.visitor.open(`/device/confirm?request=${id}`)).status).to.equal(401);
    expect((await other.visitor.open(`/sign-in?request=${id}`)).status).to.equal(401);
  });

  it('decides for nobody who signed in meanwhile in another tab', async () => {
    const { device_code: deviceCode, user_code: userCode } = await startDevice(app);
    const { visitor } = await signedInVisitor(app);
    const page = await reachDecision(app, visitor, userCode);
    const other = await app.signUpAndConfirm();
    await visitor.send(await visitor.open('/sign-in'), { identifier: other.email, password: other.password });
    const asked = await visitor.send(page, allowAll(page));
    expect(headingOf(asked)).to.equal('Connect Living Room TV?');
    expect(asked.text).to.include(other.email);
    expect((await poll(app, deviceCode)).body.error).to.equal('authorization_pending');
  });

  it('says nothing about a code to somebody who has not signed in', async () => {
    const { user_code: userCode } = await startDevice(app);
    for (const code of [userCode, 'BBBB-BBBB']) {
      const visitor = createVisitor(app);
      const page = await visitor.send(await visitor.open('/device'), { user_code: code });
      expect(headingOf(await follow(app, visitor, page))).to.equal('Sign in');
    }
  });

  it('gives no tokens once the approving session was revoked, the account locked, or the consent taken back', async () => {
    const attempts: ((userId: string) => Promise<unknown>)[] = [
      (userId) => app.deps.models.sessions.updateMany({ userId }, { $set: { revokedAt: app.clock() } }),
      (userId) => app.deps.models.users.updateOne({ _id: userId }, { $set: { status: 'disabled' } }),
      (userId) =>
        app.deps.models.users.updateOne(
          { _id: userId },
          { $set: { tokensValidAfter: new Date(app.clock().getTime() + 1000) } },
        ),
      (userId) =>
        app.deps.models.deviceAuthorizations.updateMany({ userId }, { $set: { status: 'refused' } }),
    ];
    for (const spoil of attempts) {
      const person = await app.signUpAndConfirm();
      const { device_code: deviceCode, user_code: userCode } = await startDevice(app);
      await approve(app, userCode, person);
      await spoil(person.id);
      expect((await poll(app, deviceCode)).status).to.equal(400);
    }
  });

  it('ends what a device has when the person takes the consent back', async () => {
    const { visitor, person } = await signedInVisitor(app);
    const { device_code: deviceCode, user_code: userCode } = await startDevice(app);
    const page = await reachDecision(app, visitor, userCode);
    await visitor.send(page, allowAll(page));
    const { access_token: token, refresh_token: refreshToken } = (await poll(app, deviceCode)).body;
    expect((await app.rest('/oauth/userinfo', { token })).status).to.equal(200);
    const actor = { kind: 'user', id: person.id } as const;
    const origin = { requestId: 'test', address: '127.0.0.1', userAgent: '' };
    await revokeConsent(app.deps, { userId: person.id, clientId: 'tv' }, actor, origin);
    expect((await app.rest('/oauth/userinfo', { token })).status).to.equal(401);
    const refresh = { grant_type: 'refresh_token', client_id: 'tv', refresh_token: refreshToken };
    expect((await app.rest('/oauth/token', { form: refresh })).body.error).to.equal('invalid_grant');
  });
});

describe('brute force of user codes (RFC 8628 §5.1)', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp({
      clients: [
        {
          clientId: 'tv',
          name: 'Living Room TV',
          tokenEndpointAuthMethod: 'none',
          grantTypes: [DEVICE_GRANT],
          scopes: ['openid', 'email'],
        },
      ],
      listen: { trustedProxies: ['127.0.0.1'] },
      rateLimits: {
        enabled: true,
        general: { max: 10_000 },
        signIn: { max: 100 },
        token: { max: 100 },
      },
    });
  });
  after(() => app.close());

  it('stops one address after 40 codes in 15 minutes, and lets it go on after them', async () => {
    const visitor = createVisitor(app);
    const entry = await visitor.open('/device');
    const tries = [];
    for (let index = 0; index < 41; index += 1) {
      const answer = await visitor.send(
        entry,
        { user_code: 'BCDF-GHJK' },
        { 'x-forwarded-for': '203.0.113.7' },
      );
      tries.push(answer.status);
    }
    expect(tries.slice(0, 40).every((status) => status === 200)).to.equal(true);
    expect(tries[40]).to.equal(429);
    const elsewhere = await visitor.send(
      entry,
      { user_code: 'BCDF-GHJK' },
      { 'x-forwarded-for': '203.0.113.8' },
    );
    expect(elsewhere.status).to.equal(200);
    app.clock.advance(901);
    const later = await visitor.send(entry, { user_code: 'BCDF-GHJK' }, { 'x-forwarded-for': '203.0.113.7' });
    expect(later.status).to.equal(200);
  });

  it('stops one account, whatever its addresses and sessions, also for the right code', async () => {
    let { visitor, person } = await signedInVisitor(app);
    const attempt = async (index: number) => {
      const from = { 'x-forwarded-for': `198.51.100.${index}` };
      const typed = await visitor.send(await visitor.open('/device'), { user_code: 'BCDF-GHJK' }, from);
      return (await follow(app, visitor, typed)).status;
    };
    for (let index = 0; index < 40; index += 1) {
      if (index % 10 === 9) ({ visitor, person } = await signedInVisitor(app, person));
      expect(await attempt(index)).to.equal(400);
    }
    expect(await attempt(40)).to.equal(429);
    const { user_code: userCode } = await startDevice(app, 'openid email');
    expect((await reachDecision(app, visitor, userCode)).status).to.equal(429);
  });

  it('is no hindrance to devices that poll as they were told', async () => {
    const { device_code: deviceCode, interval } = await startDevice(app, 'openid email');
    for (let polls = 0; polls < 30; polls += 1) {
      expect((await poll(app, deviceCode)).body.error).to.equal('authorization_pending');
      app.clock.advance(interval);
    }
  });
});
