import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { createVisitor, headingOf } from '../../pages/visitor.js';
import type { TestApp } from '../../support/app.js';
import {
  ALLOW,
  allowAll,
  answerOf,
  authorize,
  CALLBACK,
  follow,
  nextOf,
  redeem,
  requestOf,
  signedInVisitor,
  startFlows,
} from './flow.js';

describe('the authorization code flow', () => {
  let app: TestApp;
  before(async () => {
    app = await startFlows();
  });
  after(() => app.close());

  it('leads through sign-in and consent to a code, and the code to tokens', async () => {
    const person = await app.signUpAndConfirm();
    const visitor = createVisitor(app);
    const { path, verifier } = requestOf({ scope: 'openid email offline_access' });
    const signIn = await follow(app, visitor, await visitor.open(path));
    expect(headingOf(signIn)).to.equal('Sign in');
    expect(signIn.text).to.include('Photo Book');
    const consent = await follow(
      app,
      visitor,
      await visitor.send(signIn, { identifier: person.email, password: person.password }),
    );
    expect(headingOf(consent)).to.equal('Allow Photo Book?');
    expect(consent.text).to.include('See your e-mail address').and.to.include(person.email);
    const done = await follow(app, visitor, await visitor.send(consent, allowAll(consent)));
    const answer = answerOf(done);
    expect(nextOf(done)?.startsWith(`${CALLBACK}?`)).to.equal(true);
    expect(answer.get('state')).to.equal('state-1');
    expect(answer.get('iss')).to.equal(app.config.issuer);

    const { status, body } = await redeem(app, answer.get('code'), verifier);
    expect(status).to.equal(200);
    expect(body).to.include({ token_type: 'Bearer', scope: 'openid email offline_access' });
    expect(body.refresh_token).to.be.a('string');
    const claims = decodeJwt(body.id_token);
    expect(claims).to.include({ sub: person.id, aud: 'web', nonce: 'nonce-1', acr: 'aal1' });
    expect(claims).to.have.keys(
      'iss sub aud iat exp auth_time acr amr sid at_hash nonce email email_verified'.split(' '),
    );
    expect(claims['amr']).to.deep.equal(['pwd']);
  });

  it('is one redirect where a session and a consent are', async () => {
    const { visitor } = await signedInVisitor(app);
    await authorize(app, visitor, requestOf().path);
    const again = requestOf();
    const answer = await visitor.open(again.path);
    expect(answer.status).to.equal(303);
    const code = answerOf(answer).get('code');
    expect((await redeem(app, code, again.verifier)).status).to.equal(200);
  });

  it('asks nobody for an app of the house', async () => {
    const { visitor } = await signedInVisitor(app);
    const { path } = requestOf({ client_id: 'house', redirect_uri: 'https://house.example/callback' });
    expect(answerOf(await visitor.open(path)).get('code')).to.be.a('string');
  });

  it('gives no refresh token without offline_access', async () => {
    const { visitor } = await signedInVisitor(app);
    const { path, verifier } = requestOf();
    const { body } = await redeem(app, (await authorize(app, visitor, path)).get('code'), verifier);
    expect(body).to.have.property('access_token');
    expect(body).not.to.have.property('refresh_token');
  });

  it('gives only the scopes that were not refused, and does not ask for the others again', async () => {
    const { visitor } = await signedInVisitor(app);
    const { path, verifier } = requestOf({ scope: 'openid email profile offline_access' });
    const page = await follow(app, visitor, await visitor.open(path));
    const done = await visitor.send(page, { 'choice.allow': '1', 'choice.scope.profile': '1' });
    const code = answerOf(await follow(app, visitor, done)).get('code');
    const { body } = await redeem(app, code, verifier);
    expect(body.scope).to.equal('openid profile');
    expect(body).not.to.have.property('refresh_token');
    expect(decodeJwt(body.id_token)).not.to.have.property('email');

    const again = requestOf({ scope: 'openid email' });
    const second = answerOf(await visitor.open(again.path)).get('code');
    expect((await redeem(app, second, again.verifier)).body.scope).to.equal('openid');
    const insisting = requestOf({ scope: 'openid email', prompt: 'consent' });
    const asked = await follow(app, visitor, await visitor.open(insisting.path));
    expect(headingOf(asked)).to.equal('Allow Photo Book?');
    expect(asked.text).to.match(/name="choice.scope.email" value="1">/);
  });

  it('asks again for a scope that was never decided', async () => {
    const { visitor } = await signedInVisitor(app);
    await authorize(app, visitor, requestOf().path);
    const page = await follow(app, visitor, await visitor.open(requestOf({ scope: 'openid profile' }).path));
    expect(headingOf(page)).to.equal('Allow Photo Book?');
  });

  it('tells the client of a refusal, and remembers nothing', async () => {
    const { visitor } = await signedInVisitor(app);
    const page = await follow(app, visitor, await visitor.open(requestOf().path));
    const done = await follow(app, visitor, await visitor.send(page, { 'choice.refuse': '1' }));
    expect(answerOf(done).get('error')).to.equal('access_denied');
    expect(answerOf(done).get('state')).to.equal('state-1');
    const again = await follow(app, visitor, await visitor.open(requestOf().path));
    expect(headingOf(again)).to.equal('Allow Photo Book?');
  });

  it('tells the client of a sign-in that was cancelled', async () => {
    const visitor = createVisitor(app);
    const page = await follow(app, visitor, await visitor.open(requestOf().path));
    const cancelled = await visitor.send(page, { identifier: '', password: '', 'choice.cancel': '1' });
    expect(answerOf(await follow(app, visitor, cancelled)).get('error')).to.equal('access_denied');
  });

  it('answers in the fragment and by a form where the client asks for it', async () => {
    const { visitor } = await signedInVisitor(app);
    await authorize(app, visitor, requestOf().path);
    const fragment = await visitor.open(requestOf({ response_mode: 'fragment' }).path);
    expect(fragment.headers.get('location')).to.match(/^https:\/\/app\.example\/callback#code=/);
    const posted = await visitor.open(requestOf({ response_mode: 'form_post', state: '"><script>x' }).path);
    expect(posted.status).to.equal(200);
    expect(posted.text).to.include(`<form method="post" action="${CALLBACK}">`);
    expect(posted.text).to.include('name="state" value="&quot;&gt;&lt;script&gt;x"');
    expect(posted.text).to.match(/name="code" value="[\w-]{43}"/);
    const policy = posted.headers.get('content-security-policy');
    expect(policy).to.match(/^default-src 'none';script-src 'sha256-[^']+';frame-ancestors 'none'/);
    expect(posted.headers.get('cache-control')).to.equal('no-store');
  });

  it('keeps the query of a redirect URI', async () => {
    const { visitor } = await signedInVisitor(app);
    const { path } = requestOf({ redirect_uri: 'https://app.example/second?tenant=1' });
    await authorize(app, visitor, path);
    const { headers } = await visitor.open(path);
    expect(headers.get('location')).to.match(/^https:\/\/app\.example\/second\?tenant=1&code=/);
  });

  it('takes the request by POST, also from another site, where no cookie comes along', async () => {
    const { visitor } = await signedInVisitor(app);
    await authorize(app, visitor, requestOf().path);
    const { path } = requestOf();
    const form = Object.fromEntries(new URLSearchParams(path.split('?')[1]));
    const kept = await app.rest<string>('/oauth/authorize', {
      form,
      headers: { origin: 'https://app.example' },
    });
    expect(kept.status).to.equal(303);
    const [setCookie = ''] = kept.headers.getSetCookie();
    const resumed = await app.rest<string>(kept.headers.get('location') ?? '', {
      cookie: `${visitor.cookies()}; ${setCookie.split(';')[0]}`.replace(
        /fieldgate_browser=[^;]*; (?=.*fieldgate_browser)/,
        '',
      ),
    });
    expect(answerOf(resumed).get('code')).to.be.a('string');
  });

  describe('prompt, max_age and id_token_hint', () => {
    it('asks nobody with prompt=none, and says what would have been asked', async () => {
      const { path } = requestOf({ prompt: 'none' });
      const nobody = await createVisitor(app).open(path);
      expect(answerOf(nobody).get('error')).to.equal('login_required');
      const { visitor } = await signedInVisitor(app);
      expect(answerOf(await visitor.open(path)).get('error')).to.equal('consent_required');
      await authorize(app, visitor, requestOf().path);
      expect(answerOf(await visitor.open(requestOf({ prompt: 'none' }).path)).get('code')).to.be.a('string');
    });

    it('refuses prompt=none beside another value, and an unknown one', async () => {
      const visitor = createVisitor(app);
      for (const prompt of ['none login', 'sing']) {
        const answer = answerOf(await visitor.open(requestOf({ prompt }).path));
        expect(answer.get('error'), prompt).to.equal('invalid_request');
      }
    });

    it('has the person sign in again with prompt=login, in the same session', async () => {
      const { visitor, person } = await signedInVisitor(app);
      await authorize(app, visitor, requestOf().path);
      app.clock.advance(60);
      const { path, verifier } = requestOf({ prompt: 'login' });
      const page = await follow(app, visitor, await visitor.open(path));
      expect(headingOf(page)).to.equal('Sign in');
      const typed = { identifier: person.email, password: person.password };
      const code = answerOf(await follow(app, visitor, await visitor.send(page, typed))).get('code');
      const claims = decodeJwt((await redeem(app, code, verifier)).body.id_token);
      // The first sign-in was a minute before.
      expect(claims['auth_time']).to.be.closeTo(app.clock().getTime() / 1000, 20);
      expect(await app.deps.models.sessions.countDocuments({ userId: person.id })).to.equal(1);
    });

    it('has the person sign in again when the sign-in is older than max_age', async () => {
      const { visitor } = await signedInVisitor(app);
      await authorize(app, visitor, requestOf().path);
      app.clock.advance(120);
      const young = await visitor.open(requestOf({ max_age: '3600' }).path);
      expect(answerOf(young).get('code')).to.be.a('string');
      const old = await follow(app, visitor, await visitor.open(requestOf({ max_age: '60' }).path));
      expect(headingOf(old)).to.equal('Sign in');
      const wrong = await visitor.open(requestOf({ max_age: '-1' }).path);
      expect(answerOf(wrong).get('error')).to.equal('invalid_request');
    });

    it('lets the person choose the account with prompt=select_account', async () => {
      const { visitor, person } = await signedInVisitor(app);
      await authorize(app, visitor, requestOf().path);
      const page = await follow(
        app,
        visitor,
        await visitor.open(requestOf({ prompt: 'select_account' }).path),
      );
      expect(headingOf(page)).to.equal('Choose an account');
      expect(page.text).to.include(`Continue as ${person.email}`);
      expect(answerOf(await follow(app, visitor, await visitor.send(page))).get('code')).to.be.a('string');

      const second = await app.signUpAndConfirm();
      const { path, verifier } = requestOf({ prompt: 'select_account' });
      const chooser = await follow(app, visitor, await visitor.open(path));
      const other = /<a href="([^"]*)">Use another account/.exec(chooser.text)?.[1] ?? '';
      const typed = { identifier: second.email, password: second.password };
      const entered = await follow(app, visitor, await visitor.send(await visitor.open(other), typed));
      const done = await follow(app, visitor, await visitor.send(entered, ALLOW));
      const { body } = await redeem(app, answerOf(done).get('code'), verifier);
      expect(decodeJwt(body.id_token).sub).to.equal(second.id);
    });

    it('gives the client nobody but the person of its id_token_hint', async () => {
      const { visitor } = await signedInVisitor(app);
      const { path, verifier } = requestOf();
      const { body } = await redeem(app, (await authorize(app, visitor, path)).get('code'), verifier);
      const hinted = { id_token_hint: body.id_token };
      expect(answerOf(await visitor.open(requestOf(hinted).path)).get('code')).to.be.a('string');
      const { visitor: another, person } = await signedInVisitor(app);
      await authorize(app, another, requestOf().path);
      const silent = await another.open(requestOf({ ...hinted, prompt: 'none' }).path);
      expect(answerOf(silent).get('error')).to.equal('login_required');
      const page = await follow(app, another, await another.open(requestOf(hinted).path));
      const typed = { identifier: person.email, password: person.password };
      const done = await follow(app, another, await another.send(page, typed));
      expect(answerOf(done).get('error')).to.equal('login_required');
      const access = await another.open(requestOf({ id_token_hint: body.access_token }).path);
      expect(answerOf(access).get('error')).to.equal('invalid_request');
    });

    it('types the login_hint ahead', async () => {
      const visitor = createVisitor(app);
      const page = await follow(app, visitor, await visitor.open(requestOf({ login_hint: '"a@b.c' }).path));
      expect(page.text).to.include('name="identifier" value="&quot;a@b.c"');
    });
  });
});
