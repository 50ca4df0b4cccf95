import { expect } from 'chai';
import { findConsent, revokeConsent } from '../../../src/identity/consents.js';
import { createVisitor, headingOf } from '../../pages/visitor.js';
import type { TestApp } from '../../support/app.js';
import { digestOf } from '../../support/digest.js';
import {
  allowAll,
  answerOf,
  authorize,
  CALLBACK,
  challengeOf,
  follow,
  nextOf,
  redeem,
  requestOf,
  signedInVisitor,
  startFlows,
  WEB_SECRET,
} from './flow.js';

const OTHER: [string, string] = ['other', 'other-secret-0123456789-abcdefghi'];

describe('attacks on the authorization code flow', () => {
  let app: TestApp;
  before(async () => {
    app = await startFlows();
  });
  after(() => app.close());

  /** A code that nobody has redeemed. */
  async function freshCode(over: Record<string, string> = {}) {
    const { visitor, person } = await signedInVisitor(app);
    const { path, verifier } = requestOf(over);
    return { code: (await authorize(app, visitor, path)).get('code'), verifier, visitor, person };
  }

  describe('on the code', () => {
    it('refuses a second use, and revokes what the first gave', async () => {
      const { code, verifier } = await freshCode({ scope: 'openid offline_access' });
      const first = await redeem(app, code, verifier);
      const token: string = first.body.access_token;
      expect((await app.rest('/oauth/userinfo', { token })).status).to.equal(200);
      const second = await redeem(app, code, verifier);
      expect([second.status, second.body.error]).to.deep.equal([400, 'invalid_grant']);
      expect((await app.rest('/oauth/userinfo', { token })).status).to.equal(401);
      const form = { grant_type: 'refresh_token', refresh_token: first.body.refresh_token };
      const refreshed = await app.rest('/oauth/token', { form, basic: ['web', WEB_SECRET] });
      expect(refreshed.body.error).to.equal('invalid_grant');
      const event = await app.deps.models.auditEvents.findOne({ action: 'authorization.replay' }).lean();
      expect(event).to.include({ outcome: 'denied', actorId: 'web' });
    });

    it('lives for 60 seconds', async () => {
      const late = await freshCode();
      app.clock.advance(61);
      expect((await redeem(app, late.code, late.verifier)).body.error).to.equal('invalid_grant');
      const inTime = await freshCode();
      app.clock.advance(59);
      expect((await redeem(app, inTime.code, inTime.verifier)).status).to.equal(200);
    });

    it('is worth nothing where the consent was taken back before it was made, however late', async () => {
      const { visitor, person } = await freshCode();
      const consent = { userId: person.id, clientId: 'web' };
      const actor = { kind: 'user', id: person.id } as const;
      const origin = { requestId: 'test', address: '127.0.0.1', userAgent: '' };
      const codes = app.deps.models.authorizationCodes;
      // The request has read the consent, and is about to store its code.
      const create = codes.create.bind(codes) as (document: object) => Promise<unknown>;
      const revokeFirst = async (document: object) => {
        Object.assign(codes, { create });
        await revokeConsent(app.deps, consent, actor, origin);
        app.clock.advance(1);
        return create(document);
      };
      Object.assign(codes, { create: revokeFirst });
      const late = requestOf();
      const code = (await authorize(app, visitor, late.path)).get('code');
      expect((await redeem(app, code, late.verifier)).body.error).to.equal('invalid_grant');
      expect(await findConsent(app.deps, person.id, 'web')).to.equal(null);
      // Nor does the next consent bring it back.
      const again = requestOf();
      const next = (await authorize(app, visitor, again.path)).get('code');
      expect((await redeem(app, code, late.verifier)).body.error).to.equal('invalid_grant');
      expect((await redeem(app, next, again.verifier)).status).to.equal(200);
    });

    it('is not made of a decision that was taken back meanwhile: the person is asked again', async () => {
      const { visitor, person } = await signedInVisitor(app);
      const page = await follow(app, visitor, await visitor.open(requestOf().path));
      const allowed = await visitor.send(page, allowAll(page));
      const actor = { kind: 'user', id: person.id } as const;
      const origin = { requestId: 'test', address: '127.0.0.1', userAgent: '' };
      await revokeConsent(app.deps, { userId: person.id, clientId: 'web' }, actor, origin);
      const asked = await follow(app, visitor, allowed);
      expect(headingOf(asked)).to.equal('Allow Photo Book?');
      const answer = await follow(app, visitor, await visitor.send(asked, allowAll(asked)));
      expect(answerOf(answer).get('code')).to.be.a('string');
    });

    it('is worth nothing from the very millisecond in which all tokens of its client end', async () => {
      const { code, verifier } = await freshCode();
      const kept = await app.deps.models.authorizationCodes.findById(digestOf(code ?? '')).lean();
      const endAt = (at: Date | null) =>
        app.deps.models.clients.updateOne({ _id: 'web' }, { $set: { tokensValidAfter: at } });
      await endAt(kept?.createdAt ?? null);
      expect((await redeem(app, code, verifier)).body.error).to.equal('invalid_grant');
      await endAt(null);
    });

    it('is worth nothing to another client, which does not use it up either', async () => {
      const { code, verifier } = await freshCode();
      expect((await redeem(app, code, verifier, {}, OTHER)).body.error).to.equal('invalid_grant');
      const asPublic = await redeem(app, code, verifier, { client_id: 'spa' }, null);
      expect(asPublic.body.error).to.equal('invalid_grant');
      expect((await redeem(app, code, verifier)).status).to.equal(200);
    });

    it('is worth nothing with another redirect URI', async () => {
      const { code, verifier } = await freshCode();
      const redirect_uri = 'https://app.example/second?tenant=1';
      expect((await redeem(app, code, verifier, { redirect_uri })).body.error).to.equal('invalid_grant');
      expect((await redeem(app, code, verifier, { redirect_uri: '' })).body.error).to.equal(
        'invalid_request',
      );
    });

    it('is worth nothing when the session ended meanwhile', async () => {
      const { code, verifier, visitor } = await freshCode();
      await visitor.send(await visitor.open('/sign-out'), { 'choice.signOut': '1' });
      expect((await redeem(app, code, verifier)).body.error).to.equal('invalid_grant');
    });

    it('is stored nowhere', async () => {
      const { code } = await freshCode();
      const stored = await app.deps.models.authorizationCodes.find({}).lean();
      expect(stored.length).to.be.above(0);
      expect(JSON.stringify(stored)).not.to.include(code);
    });

    it('is refused before any query when it is garbage', async () => {
      for (const code of ['x', 'a'.repeat(43), '{"$ne":null}', 'a'.repeat(5000)]) {
        expect((await redeem(app, code, 'v'.repeat(43))).body.error, code).to.equal('invalid_grant');
      }
    });
  });

  describe('on PKCE', () => {
    for (const [title, over] of [
      ['without a challenge', { code_challenge: undefined, code_challenge_method: undefined }],
      ['with the method plain', { code_challenge_method: 'plain' }],
      ['without a method, which means plain', { code_challenge_method: undefined }],
      ['with a challenge that is no digest', { code_challenge: 'short' }],
    ] as const) {
      it(`refuses a request ${title}, of every kind of client`, async () => {
        for (const client of [
          {},
          { client_id: 'house', redirect_uri: 'https://house.example/callback' },
          { client_id: 'spa', redirect_uri: 'https://spa.example/callback' },
        ]) {
          const answer = answerOf(await createVisitor(app).open(requestOf({ ...over, ...client }).path));
          expect(answer.get('error')).to.equal('invalid_request');
          expect(answer.get('state')).to.equal('state-1');
        }
      });
    }

    it('refuses a verifier that is missing, wrong, malformed, or the challenge itself', async () => {
      const { code, verifier } = await freshCode();
      const wrong = ['x'.repeat(43), challengeOf(verifier), verifier.slice(0, -1), `${verifier}=`, 'short'];
      for (const one of wrong) {
        expect((await redeem(app, code, one)).body.error, one).to.equal('invalid_grant');
      }
      expect((await redeem(app, code, '')).body.error).to.equal('invalid_request');
      expect((await redeem(app, code, verifier)).status).to.equal(200);
    });

    it('leaves an injected code useless: the victim has another verifier', async () => {
      const attacker = await freshCode();
      const victim = await freshCode();
      const injected = await redeem(app, attacker.code, victim.verifier);
      expect(injected.body.error).to.equal('invalid_grant');
    });
  });

  describe('on the redirect URI', () => {
    for (const uri of [
      'https://app.example@evil.example/callback',
      'https://evil.example@app.example/callback',
      'https://app.example%2f@evil.example/callback',
      'https://app.example/%63allback',
      'https://app.example/callback%2f',
      'https://app.example/callback/',
      'https://app.example/callback/../evil',
      'https://app.example/callback?next=https://evil.example',
      'https://app.example/callback#fragment',
      'https://app.example:8443/callback',
      'https://app.example:443/callback',
      'https://evil.app.example/callback',
      'https://app.example.evil.example/callback',
      'https://APP.example/callback',
      'https://app.example/CALLBACK',
      'http://app.example/callback',
      '//app.example/callback',
      'javascript:alert(1)//https://app.example/callback',
      'https://app.example\\@evil.example/callback',
      ' https://app.example/callback',
      'https://app.example/second?tenant=2',
      'http://127.0.0.1:80@evil.example/web',
      'http://127.0.0.1:99999/web',
      'http://127.0.0.1.evil.example/web',
      'http://localhost/web',
      'https://127.0.0.1/web',
    ]) {
      it(`sends nobody to ${uri}`, async () => {
        const { visitor } = await signedInVisitor(app);
        const answer = await visitor.open(requestOf({ redirect_uri: uri }).path);
        expect(answer.status).to.equal(400);
        expect(nextOf(answer)).to.equal(null);
        expect(headingOf(answer)).to.equal('That did not work');
      });
    }

    it('leaves a native app its port, and nobody else', async () => {
      for (const redirect_uri of [
        'http://127.0.0.1:51004/callback',
        'http://[::1]:51004/callback',
        'com.example.app:/callback',
      ]) {
        const visitor = createVisitor(app);
        const answer = await visitor.open(
          requestOf({ client_id: 'native', redirect_uri, prompt: 'none' }).path,
        );
        expect(nextOf(answer)?.startsWith(`${redirect_uri}?error=login_required`), redirect_uri).to.equal(
          true,
        );
      }
    });

    it('refuses a missing one, also when only one is registered', async () => {
      const answer = await createVisitor(app).open(
        requestOf({ client_id: 'other', redirect_uri: undefined }).path,
      );
      expect([answer.status, nextOf(answer)]).to.deep.equal([400, null]);
    });

    it('shows a page for an unknown client, a disabled one, and names that come twice', async () => {
      await app.deps.models.clients.updateOne({ _id: 'other' }, { $set: { status: 'disabled' } });
      const twice = (name: string, value: string) =>
        `${requestOf().path}&${new URLSearchParams({ [name]: value }).toString()}`;
      for (const path of [
        requestOf({ client_id: 'nobody' }).path,
        requestOf({ client_id: undefined }).path,
        requestOf({ client_id: 'other' }).path,
        twice('client_id', 'web'),
        twice('redirect_uri', CALLBACK),
        twice('redirect_uri', 'https://evil.example/'),
      ]) {
        const answer = await createVisitor(app).open(path);
        expect([answer.status, nextOf(answer)], path).to.deep.equal([400, null]);
      }
      await app.deps.models.clients.updateOne({ _id: 'other' }, { $set: { status: 'active' } });
    });
  });

  describe('on the request', () => {
    it('tells the client what is wrong, with state and iss', async () => {
      for (const [over, error] of [
        [{ response_type: 'token' }, 'unsupported_response_type'],
        [{ response_type: 'code id_token' }, 'unsupported_response_type'],
        [{ response_type: undefined }, 'invalid_request'],
        [{ response_mode: 'web_message' }, 'invalid_request'],
        [{ scope: 'openid users:write' }, 'invalid_scope'],
        [{ scope: 'openid  email' }, 'invalid_scope'],
        [{ request: 'e30.e30.' }, 'invalid_request_object'],
        [{ request_uri: 'https://evil.example/request' }, 'request_uri_not_supported'],
        [{ registration: '{}' }, 'registration_not_supported'],
        [{ client_id: 'machine' }, 'unauthorized_client'],
      ] as const) {
        const answer = answerOf(await createVisitor(app).open(requestOf(over).path));
        expect(answer.get('error'), JSON.stringify(over)).to.equal(error);
        expect(answer.get('state')).to.equal('state-1');
        expect(answer.get('iss')).to.equal(app.config.issuer);
        expect(answer.has('code')).to.equal(false);
      }
    });

    it('sends nobody who has not signed in to a stranger by a request that is wrong on purpose (RFC 9700 §4.11.2)', async () => {
      const register = (dynamicallyRegistered: boolean) =>
        app.deps.models.clients.updateOne({ _id: 'other' }, { $set: { dynamicallyRegistered } });
      await register(true);
      const wrong = requestOf({ client_id: 'other', scope: 'openid users:write' }).path;
      const page = await createVisitor(app).open(wrong);
      expect([page.status, nextOf(page)]).to.deep.equal([400, null]);
      const silent = requestOf({ client_id: 'other', prompt: 'none' }).path;
      expect(answerOf(await createVisitor(app).open(silent)).get('error')).to.equal('login_required');
      const { visitor } = await signedInVisitor(app);
      expect(answerOf(await visitor.open(wrong)).get('error')).to.equal('invalid_scope');
      await register(false);
      expect(answerOf(await createVisitor(app).open(wrong)).get('error')).to.equal('invalid_scope');
    });

    it('refuses a parameter that comes twice, and a state that does is not repeated', async () => {
      const scope = answerOf(await createVisitor(app).open(`${requestOf().path}&scope=openid`));
      expect(scope.get('error')).to.equal('invalid_request');
      const state = answerOf(await createVisitor(app).open(`${requestOf().path}&state=state-2`));
      expect([state.get('error'), state.has('state')]).to.deep.equal(['invalid_request', false]);
    });

    it('refuses NUL characters and what is longer than any honest request', async () => {
      for (const state of ['a\0b', 'a'.repeat(16_500)]) {
        const form = Object.fromEntries(new URLSearchParams(requestOf({ state }).path.split('?')[1]));
        const answer = await app.rest('/oauth/authorize', { form });
        expect(answer.status).to.equal(400);
      }
    });

    it('sends every answer with the issuer, so that a mix-up shows', async () => {
      const { visitor } = await signedInVisitor(app);
      expect((await authorize(app, visitor, requestOf().path)).get('iss')).to.equal(app.config.issuer);
      const refused = answerOf(await visitor.open(requestOf({ prompt: 'none login' }).path));
      expect(refused.get('iss')).to.equal(app.config.issuer);
    });

    it('asks every time for a public client that could be any program on the device', async () => {
      const { visitor } = await signedInVisitor(app);
      const native = { client_id: 'native', redirect_uri: 'http://127.0.0.1:51004/callback' };
      await authorize(app, visitor, requestOf(native).path);
      const page = await follow(app, visitor, await visitor.open(requestOf(native).path));
      expect(headingOf(page)).to.match(/^Allow /);
    });
  });

  describe('on the person', () => {
    it('lets nobody continue what began in another browser', async () => {
      const attacker = createVisitor(app);
      const begun = nextOf(await attacker.open(requestOf().path)) ?? '';
      const { visitor: victim } = await signedInVisitor(app);
      const id = new URL(begun, app.url).searchParams.get('request') ?? '';
      for (const path of ['/sign-in', '/consent', '/accounts', '/oauth/authorize/resume']) {
        const page = await victim.open(`${path}?request=${id}`);
        expect([page.status, nextOf(page)], path).to.deep.equal([401, null]);
        expect(headingOf(page)).to.equal('Please start again');
      }
    });

    it('holds no parameter of the request in the addresses of its pages', async () => {
      const visitor = createVisitor(app);
      const address = nextOf(await visitor.open(requestOf().path)) ?? '';
      expect(address).to.match(/^\/sign-in\?request=[\w-]{22}$/);
    });

    it('takes no sign-in and no consent that a foreign page sends', async () => {
      const { visitor } = await signedInVisitor(app);
      const signIn = await visitor.open('/sign-in');
      const consent = await follow(app, visitor, await visitor.open(requestOf().path));
      expect(headingOf(consent)).to.match(/^Allow /);
      for (const page of [signIn, consent]) {
        const fields = page === consent ? allowAll(consent) : { identifier: 'a', password: 'b' };
        const forged = await visitor.send(page, { ...fields, csrf: 'forged' });
        expect([forged.status, nextOf(forged)]).to.deep.equal([403, null]);
        const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
        expect((await visitor.send(page, fields, foreign)).status).to.equal(403);
      }
    });

    it('takes no consent that another person of this browser was asked for', async () => {
      const { visitor } = await signedInVisitor(app);
      const page = await follow(app, visitor, await visitor.open(requestOf().path));
      const second = await app.signUpAndConfirm();
      await visitor.send(await visitor.open('/sign-in'), {
        identifier: second.email,
        password: second.password,
      });
      const answer = await visitor.send(page, allowAll(page));
      expect(headingOf(answer)).to.match(/^Allow /);
      expect(answer.text).to.include(second.email);
      expect(await app.deps.models.consents.countDocuments({ userId: second.id })).to.equal(0);
    });

    it('gives no scope by a consent form that was changed', async () => {
      const { visitor } = await signedInVisitor(app);
      const { path, verifier } = requestOf({ scope: 'openid email' });
      const page = await follow(app, visitor, await visitor.open(path));
      const done = await visitor.send(page, { ...allowAll(page), 'choice.scope.account': '1' });
      const code = answerOf(await follow(app, visitor, done)).get('code');
      expect((await redeem(app, code, verifier)).body.scope).to.equal('openid email');
    });

    it('answers a request once', async () => {
      const { visitor } = await signedInVisitor(app);
      const page = await follow(app, visitor, await visitor.open(requestOf().path));
      const resume = nextOf(await visitor.send(page, allowAll(page))) ?? '';
      const [first, second] = await Promise.all([visitor.open(resume), visitor.open(resume)]);
      const codes = [first, second].filter((answer) => answer.headers.get('location')?.includes('code='));
      expect(codes).to.have.length(1);
      expect(headingOf(await visitor.open(resume))).to.equal('Please start again');
    });

    it('takes no redirect from the address of a page', async () => {
      const visitor = createVisitor(app);
      for (const name of ['redirect_uri', 'next', 'returnTo', 'continue']) {
        const page = await visitor.open(`/sign-in?${name}=https://evil.example/`);
        expect(page.text, name).not.to.include('evil.example');
      }
    });

    it('lets no page be framed, cached, or scripted', async () => {
      const { visitor } = await signedInVisitor(app);
      const consent = await follow(app, visitor, await visitor.open(requestOf().path));
      const chooser = await follow(
        app,
        visitor,
        await visitor.open(requestOf({ prompt: 'select_account' }).path),
      );
      const signIn = await visitor.open('/sign-in');
      for (const page of [signIn, consent, chooser, await visitor.open('/sign-out')]) {
        expect(page.headers.get('x-frame-options')).to.equal('DENY');
        expect(page.headers.get('cache-control')).to.equal('no-store');
        const policy = page.headers.get('content-security-policy') ?? '';
        expect(policy).to.include("frame-ancestors 'none'").and.include("form-action 'self'");
        expect(policy).to.include("default-src 'none'").and.not.include('unsafe');
        // Of our own, for passkeys, and only where somebody signs in.
        const scripts = /script-src [^;]*/.exec(policy)?.[0];
        expect(scripts).to.be.oneOf(page === signIn ? ["script-src 'self'"] : [undefined]);
      }
    });

    it('gives the browser a new session at a sign-in, whatever cookie it brought', async () => {
      const { visitor: attacker } = await signedInVisitor(app);
      const planted = attacker.cookies();
      const second = await app.signUpAndConfirm();
      await attacker.send(await attacker.open('/sign-in'), {
        identifier: second.email,
        password: second.password,
      });
      expect(attacker.cookies()).not.to.equal(planted);
      const page = await app.rest<string>('/sign-out', { cookie: planted, headers: { accept: 'text/html' } });
      expect(page.text).not.to.include(second.email);
    });
  });
});
