import { expect } from 'chai';
import { decodeJwt } from 'jose';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { createVisitor, headingOf } from '../../pages/visitor.js';
import type { TestApp } from '../../support/app.js';
import { digestOf } from '../../support/digest.js';
import { allowAll, follow } from '../authorize/flow.js';
import { discover, insecure } from '../clients/discover.js';
import {
  approve,
  BOX_SECRET,
  DEVICE_GRANT,
  poll,
  reachDecision,
  type Started,
  startDevice,
  startDevices,
} from './device.js';

describe('the device flow (RFC 8628)', () => {
  let app: TestApp;
  before(async () => {
    app = await startDevices({
      resources: [{ identifier: 'https://api.example', scopes: ['email'] }],
    });
  });
  after(() => app.close());

  it('answers with codes, where to go, how long and how often (RFC 8628 §3.2)', async () => {
    const answer = await app.rest<Started>('/oauth/device_authorization', { form: { client_id: 'tv' } });
    expect(answer.status).to.equal(200);
    expect(answer.headers.get('cache-control')).to.equal('no-store');
    const { device_code: deviceCode, user_code: userCode, ...rest } = answer.body;
    expect(deviceCode).to.match(/^[A-Za-z0-9_-]{43}$/);
    expect(userCode).to.match(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    expect(rest).to.deep.equal({
      verification_uri: `${app.url}/device`,
      verification_uri_complete: `${app.url}/device?user_code=${userCode}`,
      expires_in: 600,
      interval: 5,
    });
  });

  it('stores neither of the two codes', async () => {
    const { device_code: deviceCode, user_code: userCode } = await startDevice(app);
    const stored = JSON.stringify(await app.deps.models.deviceAuthorizations.find().lean());
    expect(stored).not.to.include(deviceCode);
    expect(stored).not.to.include(userCode).and.not.to.include(userCode.replace('-', ''));
  });

  it('is found in both discovery documents (RFC 8628 §4)', async () => {
    for (const name of ['oauth-authorization-server', 'openid-configuration']) {
      const { body } = await app.rest(`/.well-known/${name}`);
      expect(body.device_authorization_endpoint).to.equal(`${app.url}/oauth/device_authorization`);
      expect(body.grant_types_supported).to.include(DEVICE_GRANT);
    }
  });

  it('leads through code, sign-in and confirmation to tokens', async () => {
    const person = await app.signUpAndConfirm();
    const { device_code: deviceCode, user_code: userCode } = await startDevice(app);
    expect((await poll(app, deviceCode)).body.error).to.equal('authorization_pending');

    const visitor = createVisitor(app);
    const typed = userCode.toLowerCase().replace('-', ' ');
    const signIn = await follow(
      app,
      visitor,
      await visitor.send(await visitor.open('/device'), { user_code: typed }),
    );
    expect(headingOf(signIn)).to.equal('Sign in');
    expect(signIn.text).to.include('To connect a device.').and.not.to.include('Living Room TV');
    const confirm = await follow(
      app,
      visitor,
      await visitor.send(signIn, { identifier: person.email, password: person.password }),
    );
    expect(headingOf(confirm)).to.equal('Connect Living Room TV?');
    for (const shown of [userCode, 'LivingRoom', '127.0.0.1', 'See your e-mail address', person.email]) {
      expect(confirm.text).to.include(shown);
    }
    const done = await visitor.send(confirm, allowAll(confirm));
    expect(headingOf(done)).to.equal('Your device is connected');

    const { status, body } = await poll(app, deviceCode);
    expect(status).to.equal(200);
    expect(body).to.include({ token_type: 'Bearer', scope: 'openid email offline_access' });
    expect(decodeJwt(body.id_token)).to.include({ sub: person.id, aud: 'tv' });
    const refreshed = await app.rest('/oauth/token', {
      form: { grant_type: 'refresh_token', client_id: 'tv', refresh_token: body.refresh_token },
    });
    expect(refreshed.status).to.equal(200);
  });

  it('gives the device a session of its own, as old as the sign-in, which outlives the browser', async () => {
    const person = await app.signUpAndConfirm();
    const visitor = createVisitor(app);
    const { device_code: deviceCode, user_code: userCode } = await startDevice(app);
    const page = await reachDecision(app, visitor, userCode, person);
    await visitor.send(page, allowAll(page));
    app.clock.advance(60);
    const { access_token: token } = (await poll(app, deviceCode)).body;
    const [browser, device] = await app.deps.models.sessions
      .find({ userId: person.id })
      .sort({ _id: 1 })
      .lean();
    expect(decodeJwt(token)['sid']).to.equal(device?._id);
    expect(device).to.deep.include({
      clientId: 'tv',
      amr: ['pwd'],
      authenticatedAt: browser?.authenticatedAt,
    });
    await visitor.send(await visitor.open('/sign-out'), { 'choice.signOut': '1' });
    expect((await app.rest('/oauth/userinfo', { token })).status).to.equal(200);
  });

  it('keeps the account to its number of sessions: the oldest goes for that of the device', async () => {
    const own = await startDevices({ sessions: { maxPerUser: 1 } });
    try {
      const person = await own.signUpAndConfirm();
      const { device_code: deviceCode, user_code: userCode } = await startDevice(own);
      await approve(own, userCode, person);
      own.clock.advance(6);
      const { body } = await poll(own, deviceCode);
      const alive = await own.deps.models.sessions.find({ userId: person.id, revokedAt: null }).lean();
      expect(alive.map(({ clientId }) => clientId)).to.deep.equal(['tv']);
      expect((await own.rest('/oauth/userinfo', { token: body.access_token })).status).to.equal(200);
    } finally {
      await own.close();
    }
  });

  it('prefills the code of verification_uri_complete and still asks a person twice (RFC 8628 §3.3.1)', async () => {
    const { device_code: deviceCode, user_code: userCode } = await startDevice(app);
    const visitor = createVisitor(app);
    const person = await app.signUpAndConfirm();
    await visitor.send(await visitor.open('/sign-in'), {
      identifier: person.email,
      password: person.password,
    });
    const entry = await visitor.open(`/device?user_code=${userCode}`);
    expect(headingOf(entry)).to.equal('Connect a device');
    expect(entry.text).to.include(`value="${userCode}"`);
    expect((await poll(app, deviceCode)).body.error).to.equal('authorization_pending');
    const confirm = await follow(app, visitor, await visitor.send(entry, { user_code: userCode }));
    expect(headingOf(confirm)).to.equal('Connect Living Room TV?');
    app.clock.advance(5);
    expect((await poll(app, deviceCode)).body.error).to.equal('authorization_pending');
  });

  it('gives what the person ticked and no more, and remembers the consent', async () => {
    const person = await app.signUpAndConfirm();
    const { device_code: deviceCode, user_code: userCode } = await startDevice(app, 'openid email profile');
    const visitor = createVisitor(app);
    const page = await reachDecision(app, visitor, userCode, person);
    await visitor.send(page, { 'choice.allow': '1', 'choice.scope.email': '1' });
    const { body } = await poll(app, deviceCode);
    expect(body.scope).to.equal('openid email');
    expect(body).not.to.have.property('refresh_token');
    const consent = await app.deps.models.consents.findOne({ userId: person.id, clientId: 'tv' }).lean();
    expect(consent).to.deep.include({ scopes: ['openid', 'email'], refusedScopes: ['profile'] });
  });

  it('leaves out the claims that the person refused the app before', async () => {
    const person = await app.signUpAndConfirm();
    const approved = async () => {
      const { device_code: deviceCode, user_code: userCode } = await startDevice(app, 'openid email');
      await approve(app, userCode, person);
      return (await poll(app, deviceCode)).body;
    };
    expect(decodeJwt((await approved()).id_token)).to.include({ email: person.email, email_verified: true });
    await app.deps.models.consents.updateOne(
      { userId: person.id, clientId: 'tv' },
      { $set: { refusedClaims: ['email_verified'] } },
    );
    const { id_token: idToken, access_token: token } = await approved();
    expect(decodeJwt(idToken)).to.include({ email: person.email }).and.not.have.property('email_verified');
    expect((await app.rest('/oauth/userinfo', { token })).body).not.to.have.property('email_verified');
  });

  it('tells the device that the person refused: access_denied (RFC 8628 §3.5)', async () => {
    const { device_code: deviceCode, user_code: userCode } = await startDevice(app);
    const visitor = createVisitor(app);
    const page = await reachDecision(app, visitor, userCode, await app.signUpAndConfirm());
    const { 'choice.allow': _yes, ...ticked } = allowAll(page);
    expect(headingOf(await visitor.send(page, { ...ticked, 'choice.refuse': '1' }))).to.equal('You refused');
    const { status, body } = await poll(app, deviceCode);
    expect([status, body.error]).to.deep.equal([400, 'access_denied']);
  });

  it('slows a device down that polls too often, by 5 seconds each time and for good (RFC 8628 §3.5)', async () => {
    const { device_code: deviceCode } = await startDevice(app);
    const errors = async (...waits: number[]) => {
      const seen: string[] = [];
      for (const seconds of waits) {
        app.clock.advance(seconds);
        seen.push((await poll(app, deviceCode)).body.error);
      }
      return seen;
    };
    const [pending, slow] = ['authorization_pending', 'slow_down'];
    expect(await errors(0, 5, 1, 5, 10, 10)).to.deep.equal([pending, pending, slow, slow, slow, slow]);
    const stored = await app.deps.models.deviceAuthorizations.findById(digestOf(deviceCode)).lean();
    expect(stored?.intervalSeconds).to.equal(25);
    expect(await errors(25, 25)).to.deep.equal([pending, pending]);
  });

  it('costs one read and no write while nobody has decided', async () => {
    const { device_code: deviceCode } = await startDevice(app);
    const before = await app.deps.models.deviceAuthorizations.findById(digestOf(deviceCode)).lean();
    for (let polls = 0; polls < 3; polls += 1) {
      expect((await poll(app, deviceCode)).body.error).to.equal('authorization_pending');
      app.clock.advance(5);
    }
    const after = await app.deps.models.deviceAuthorizations.findById(digestOf(deviceCode)).lean();
    expect(after).to.deep.equal(before);
  });

  it('ends a device code after its time: expired_token (RFC 8628 §3.5)', async () => {
    const { device_code: deviceCode, user_code: userCode } = await startDevice(app);
    app.clock.advance(601);
    const { status, body } = await poll(app, deviceCode);
    expect([status, body.error]).to.deep.equal([400, 'expired_token']);
    const page = await reachDecision(app, createVisitor(app), userCode, await app.signUpAndConfirm());
    expect(headingOf(page)).to.equal('No device waits under this code');
  });

  it('binds the tokens to the resources that were asked for (RFC 8707), and refuses unknown ones', async () => {
    const form = { client_id: 'tv', scope: 'email', resource: 'https://api.example' };
    const started = await app.rest<Started>('/oauth/device_authorization', { form });
    const visitor = createVisitor(app);
    const person = await app.signUpAndConfirm();
    const page = await reachDecision(app, visitor, started.body.user_code, person);
    expect(page.text).to.contain('For use at <code>https://api.example</code>.');
    await visitor.send(page, allowAll(page));
    const { access_token: token } = (await poll(app, started.body.device_code)).body;
    expect(decodeJwt(token).aud).to.equal('https://api.example');
    const unknown = { ...form, resource: 'https://evil.example' };
    const refused = await app.rest('/oauth/device_authorization', { form: unknown });
    expect(refused.body.error).to.equal('invalid_target');
  });

  it('refuses a client without the grant, a wrong secret, and a scope beyond the client', async () => {
    const ask = (form: Record<string, string>, basic?: [string, string]) =>
      app.rest('/oauth/device_authorization', { form, ...(basic && { basic }) });
    expect((await ask({}, ['web', 'web-secret-0123456789-abcdefghijk'])).body.error).to.equal(
      'unauthorized_client',
    );
    expect((await ask({}, ['box', 'wrong'])).body.error).to.equal('invalid_client');
    expect((await ask({ client_id: 'tv', scope: 'users:read' })).body.error).to.equal('invalid_scope');
    expect((await ask({}, ['box', BOX_SECRET])).status).to.equal(200);
  });

  it('writes down who started, approved and refused', async () => {
    const person = await app.signUpAndConfirm();
    const first = await startDevice(app);
    await approve(app, first.user_code, person);
    const second = await startDevice(app);
    const visitor = createVisitor(app);
    await visitor.send(await reachDecision(app, visitor, second.user_code, person), { 'choice.refuse': '1' });
    const events = await app.deps.models.auditEvents
      .find({ action: /^device\./, actorId: person.id })
      .sort({ _id: 1 })
      .lean();
    expect(events.map(({ action, outcome, clientId }) => [action, outcome, clientId])).to.deep.equal([
      ['device.approve', 'success', 'tv'],
      ['device.refuse', 'success', 'tv'],
    ]);
    expect(events[0]?.after).to.include('127.0.0.1').and.to.include('email');
    expect(await app.deps.models.auditEvents.exists({ action: 'device.start', clientId: 'tv' })).not.to.equal(
      null,
    );
  });

  it('works with openid-client', async () => {
    const config = await client.discovery(new URL(app.url), 'tv', undefined, client.None(), {
      execute: [client.allowInsecureRequests],
    });
    const person = await app.signUpAndConfirm();
    const started = await client.initiateDeviceAuthorization(config, { scope: 'openid email' });
    await approve(app, started.user_code, person);
    // The library waits for one interval before it asks.
    const tokens = await client.pollDeviceAuthorizationGrant(config, { ...started, interval: 0.01 });
    expect(tokens.claims()?.sub).to.equal(person.id);
    const info = await client.fetchUserInfo(config, tokens.access_token, person.id);
    expect(info.email).to.equal(person.email);
  });

  it('works with oauth4webapi', async () => {
    const server = await discover(app);
    const box: oauth.Client = { client_id: 'box' };
    const secret = oauth.ClientSecretBasic(BOX_SECRET);
    const person = await app.signUpAndConfirm();
    const started = await oauth.processDeviceAuthorizationResponse(
      server,
      box,
      await oauth.deviceAuthorizationRequest(server, box, secret, { scope: 'openid email' }, insecure),
    );
    const ask = async () =>
      oauth.processDeviceCodeResponse(
        server,
        box,
        await oauth.deviceCodeGrantRequest(server, box, secret, started.device_code, insecure),
      );
    const pending = await ask().catch((error: unknown) => error);
    expect(pending).to.be.instanceOf(oauth.ResponseBodyError).and.include({ error: 'authorization_pending' });
    await approve(app, started.user_code, person);
    const tokens = await ask();
    expect(oauth.getValidatedIdTokenClaims(tokens)?.sub).to.equal(person.id);
  });
});
