import { expect } from 'chai';
import { createVisitor, headingOf } from '../pages/visitor.js';
import type { TestApp } from '../support/app.js';
import { authorize, nextOf, redeem, requestOf, signedInVisitor, startFlows } from './authorize/flow.js';

const BYE = 'https://app.example/bye';

describe('/oauth/logout', () => {
  let app: TestApp;
  before(async () => {
    app = await startFlows();
  });
  after(() => app.close());

  async function signedInToApp() {
    const { visitor } = await signedInVisitor(app);
    const { path, verifier } = requestOf({ scope: 'openid offline_access' });
    const { body } = await redeem(app, (await authorize(app, visitor, path)).get('code'), verifier);
    return { visitor, idToken: String(body.id_token), accessToken: String(body.access_token) };
  }
  const logout = (parameters: Record<string, string>) =>
    `/oauth/logout?${new URLSearchParams(parameters).toString()}`;

  it('asks when nothing proves the app, ends the session with its tokens, and leads back', async () => {
    const { visitor, accessToken } = await signedInToApp();
    const asked = { client_id: 'web', post_logout_redirect_uri: BYE, state: 'a b&c' };
    const page = await visitor.open(nextOf(await visitor.open(logout(asked))) ?? '');
    expect(headingOf(page)).to.equal('Sign out?');
    expect(page.text).to.include('Photo Book');
    const done = await visitor.send(page, { 'choice.signOut': '1' });
    expect(nextOf(done)).to.equal(`${BYE}?state=a+b%26c`);
    expect((await app.rest('/oauth/userinfo', { token: accessToken })).status).to.equal(401);
    const again = await visitor.open(requestOf({ prompt: 'none' }).path);
    expect(again.headers.get('location')).to.include('login_required');
  });

  it('signs out at once for an ID token of this very session, also one of long ago', async () => {
    const { visitor, idToken, accessToken } = await signedInToApp();
    app.clock.advance(3600);
    const asked = { id_token_hint: idToken, client_id: 'web', post_logout_redirect_uri: BYE, state: 'a b&c' };
    expect(nextOf(await visitor.open(logout(asked)))).to.equal(`${BYE}?state=a+b%26c`);
    expect((await app.rest('/oauth/userinfo', { token: accessToken })).status).to.equal(401);
    const again = await visitor.open(requestOf({ prompt: 'none' }).path);
    expect(again.headers.get('location')).to.include('login_required');
  });

  it('says that the person is signed out where there is nowhere to go', async () => {
    const { visitor, idToken } = await signedInToApp();
    const page = await visitor.open(nextOf(await visitor.open(logout({ id_token_hint: idToken }))) ?? '');
    expect(headingOf(page)).to.equal('You are signed out');
  });

  it('signs nobody out for the ID token of another session (logout CSRF)', async () => {
    const attacker = await signedInToApp();
    const victim = await signedInToApp();
    const forged = { id_token_hint: attacker.idToken, post_logout_redirect_uri: BYE };
    const page = await victim.visitor.open(nextOf(await victim.visitor.open(logout(forged))) ?? '');
    expect(headingOf(page)).to.equal('Sign out?');
    for (const { accessToken } of [attacker, victim]) {
      expect((await app.rest('/oauth/userinfo', { token: accessToken })).status).to.equal(200);
    }
  });

  it('is discovered, with back-channel logout', async () => {
    const { body } = await app.rest('/.well-known/openid-configuration');
    expect(body).to.include({
      end_session_endpoint: `${app.url}/oauth/logout`,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
    });
  });

  it('changes nothing by itself, and nothing when the person stays', async () => {
    const { visitor, accessToken } = await signedInToApp();
    const page = await visitor.open(nextOf(await visitor.open('/oauth/logout')) ?? '');
    const stayed = await visitor.send(page, { 'choice.stay': '1' });
    expect(headingOf(stayed)).to.equal('You are still signed in');
    expect((await app.rest('/oauth/userinfo', { token: accessToken })).status).to.equal(200);
  });

  it('takes no sign-out that a foreign page sends', async () => {
    const { visitor, accessToken } = await signedInToApp();
    const page = await visitor.open('/sign-out');
    const forged = await visitor.send(page, { 'choice.signOut': '1', csrf: 'forged' });
    expect(forged.status).to.equal(403);
    expect((await app.rest('/oauth/userinfo', { token: accessToken })).status).to.equal(200);
  });

  it('sends nobody to an address that the client did not register', async () => {
    const { visitor, idToken } = await signedInToApp();
    for (const parameters of [
      { id_token_hint: idToken, post_logout_redirect_uri: `${BYE}/` },
      { id_token_hint: idToken, post_logout_redirect_uri: 'https://evil.example/' },
      { client_id: 'other', post_logout_redirect_uri: BYE },
      { id_token_hint: idToken, client_id: 'other', post_logout_redirect_uri: BYE },
      { post_logout_redirect_uri: BYE },
      { id_token_hint: 'garbage', post_logout_redirect_uri: BYE },
    ]) {
      const answer = await visitor.open(logout(parameters as Record<string, string>));
      expect([answer.status, nextOf(answer)], JSON.stringify(parameters)).to.deep.equal([400, null]);
    }
  });

  it('leads back at once when nobody is signed in', async () => {
    const answer = await createVisitor(app).open(logout({ client_id: 'web', post_logout_redirect_uri: BYE }));
    expect(nextOf(answer)).to.equal(BYE);
  });

  it('leads nobody by itself to a client that registered itself (RFC 9700 §4.11.2)', async () => {
    const registered = (dynamicallyRegistered: boolean) =>
      app.deps.models.clients.updateOne({ _id: 'web' }, { $set: { dynamicallyRegistered } });
    const { visitor, idToken } = await signedInToApp();
    const asked = { id_token_hint: idToken, post_logout_redirect_uri: BYE };
    await registered(true);
    for (const parameters of [asked, { client_id: 'web', post_logout_redirect_uri: BYE }]) {
      const stranger = createVisitor(app);
      const page = await stranger.open(nextOf(await stranger.open(logout(parameters))) ?? '');
      expect([headingOf(page), nextOf(page)]).to.deep.equal(['You are signed out', null]);
      expect(page.text).to.include(`<a href="${BYE}" rel="noreferrer">go on to app.example</a>`);
    }
    // Whoever is signed out by it knows the app.
    expect(nextOf(await visitor.open(logout(asked)))).to.equal(BYE);
    await registered(false);
  });
});
