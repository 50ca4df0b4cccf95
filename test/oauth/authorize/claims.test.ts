import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { createVisitor, headingOf } from '../../pages/visitor.js';
import type { TestApp } from '../../support/app.js';
import {
  allowAll,
  answerOf,
  authorize,
  follow,
  nextOf,
  redeem,
  requestOf,
  signedInVisitor,
  startFlows,
} from './flow.js';

type Ask = Record<string, string | undefined>;

describe('claims and their consent', () => {
  let app: TestApp;
  before(async () => {
    app = await startFlows();
  });
  after(() => app.close());

  const asking = (claims: object, over: Ask = {}) => ({ claims: JSON.stringify(claims), ...over });

  /** Somebody with a name, signed in. */
  async function somebody() {
    const { visitor, person } = await signedInVisitor(app);
    const given = { name: 'Ann Example', givenName: 'Ann', birthdate: '1990-01-02' };
    await app.deps.models.users.updateOne({ _id: person.id }, { $set: given });
    return { visitor, person };
  }

  /** What the client knows in the end, by the ID token and by userinfo. */
  async function knownBy(code: string | null, verifier: string) {
    const { status, body } = await redeem(app, code, verifier);
    expect(status).to.equal(200);
    const userinfo = await app.rest('/oauth/userinfo', { token: body.access_token });
    return { idToken: decodeJwt(body.id_token), userinfo: userinfo.body };
  }

  describe('the parameter claims (OpenID Connect Core §5.5)', () => {
    it('brings single claims into ID token and userinfo, each where it was asked for', async () => {
      const { visitor, person } = await somebody();
      const claims = { id_token: { email: { essential: true } }, userinfo: { given_name: null } };
      const { path, verifier } = requestOf(asking(claims, { scope: 'openid' }));
      const code = (await authorize(app, visitor, path)).get('code');
      const { idToken, userinfo } = await knownBy(code, verifier);
      expect(idToken).to.include({ email: person.email }).and.not.have.any.keys('given_name', 'name');
      expect(userinfo).to.deep.equal({ sub: person.id, given_name: 'Ann' });
    });

    it('ignores claims that it does not know (§5.5)', async () => {
      const { visitor } = await somebody();
      const claims = {
        userinfo: { 'https://x.example/$where': null, shoe_size: { essential: true } },
        other: {},
      };
      const { path } = requestOf(asking(claims, { scope: 'openid' }));
      expect((await authorize(app, visitor, path)).get('code')).to.be.a('string');
    });

    it('is no way around the scopes that a client may ask for', async () => {
      const before = await app.deps.models.clients.findOne({ _id: 'web' }).lean();
      const set = (scopes: string[]) =>
        app.deps.models.clients.updateOne({ _id: 'web' }, { $set: { scopes } });
      await set(['openid']);
      const { visitor } = await somebody();
      const claims = { id_token: { email: { essential: true } }, userinfo: { email: null, name: null } };
      const { path, verifier } = requestOf(asking(claims, { scope: 'openid' }));
      const page = await follow(app, visitor, await visitor.open(path));
      expect(page.text).not.to.include('Your e-mail address');
      const done = await follow(app, visitor, await visitor.send(page, allowAll(page)));
      const { idToken, userinfo } = await knownBy(answerOf(done).get('code'), verifier);
      expect(idToken).not.to.have.property('email');
      expect(userinfo).to.have.keys('sub');
      await set(before?.scopes ?? []);
    });

    it('refuses what is no such object', async () => {
      for (const claims of ['x', '[]', '"x"', 'null', '{"id_token":[]}', '{"userinfo":{"name":1}}']) {
        const answer = answerOf(await createVisitor(app).open(requestOf({ claims }).path));
        expect(answer.get('error'), claims).to.equal('invalid_request');
      }
    });

    it('makes no error of an essential claim that there is not (§5.5.1)', async () => {
      const { visitor } = await somebody();
      const { path, verifier } = requestOf(asking({ id_token: { website: { essential: true } } }));
      const { idToken } = await knownBy((await authorize(app, visitor, path)).get('code'), verifier);
      expect(idToken).to.have.property('sub');
      expect(idToken).not.to.have.property('website');
    });

    it('answers for no other person than the sub it names (§5.5.1)', async () => {
      const { visitor, person } = await somebody();
      await authorize(app, visitor, requestOf().path);
      const claims = (value: string) => asking({ id_token: { sub: { value } } }, { prompt: 'none' });
      const own = answerOf(await visitor.open(requestOf(claims(person.id)).path));
      expect(own.get('code')).to.be.a('string');
      const another = answerOf(await visitor.open(requestOf(claims('somebody-else')).path));
      expect(another.get('error')).to.equal('login_required');
    });
  });

  describe('acr (OpenID Connect Core §5.5.1.1, RFC 9470)', () => {
    it('takes acr_values as a wish, and says in the ID token what was reached', async () => {
      const { visitor } = await somebody();
      const { path, verifier } = requestOf({ acr_values: 'phr aal2 aal1' });
      const { idToken } = await knownBy((await authorize(app, visitor, path)).get('code'), verifier);
      expect(idToken['acr']).to.equal('aal1');
    });

    it('answers an essential acr that the session has', async () => {
      const { visitor } = await somebody();
      await authorize(app, visitor, requestOf().path);
      for (const acr of [
        { essential: true, value: 'aal1' },
        { essential: true, values: ['phr', 'aal1'] },
      ]) {
        const answer = answerOf(await visitor.open(requestOf(asking({ id_token: { acr } })).path));
        expect(answer.get('code')).to.be.a('string');
      }
    });

    it('refuses an essential acr that nobody can reach, before anybody is asked', async () => {
      const acr = { essential: true, values: ['urn:mace:incommon:iap:silver'] };
      const answer = answerOf(await createVisitor(app).open(requestOf(asking({ id_token: { acr } })).path));
      expect(answer.get('error')).to.equal('unmet_authentication_requirements');
      expect(answer.get('state')).to.equal('state-1');
    });
  });

  it('accepts ui_locales, and answers in a language that it has', async () => {
    const page = await follow(
      app,
      createVisitor(app),
      await createVisitor(app).open(requestOf({ ui_locales: 'fr-CA fr en', prompt: 'none' }).path),
    );
    expect(answerOf(page).get('error')).to.equal('login_required');
  });

  describe('on the consent page', () => {
    it('names every scope and every claim in plain words, each with a box of its own', async () => {
      const { visitor } = await somebody();
      const claims = { userinfo: { phone_number: null, birthdate: { essential: true } } };
      const over = asking(claims, { scope: 'openid email offline_access' });
      const page = await follow(app, visitor, await visitor.open(requestOf(over).path));
      expect(page.text).to.include('Know who you are').and.include('Stay signed in while you are away');
      expect(page.text).to.include('Whether your e-mail address is confirmed');
      expect(page.text).to.match(/Your date of birth \(the app says that it needs this\)/);
      // The client may not ask for the scope phone.
      expect(page.text).not.to.include('Your phone number');
      const boxes = [
        ...page.text.matchAll(
          /type="checkbox" id="([^"]*)" name="([^"]*)" value="1" checked>\n<label for="([^"]*)">/g,
        ),
      ];
      expect(boxes.map(([, , name]) => name)).to.have.members([
        'choice.scope.email',
        'choice.claim.email',
        'choice.claim.email_verified',
        'choice.scope.offline_access',
        'choice.claim.birthdate',
      ]);
      for (const [, id, , target] of boxes) expect(id).to.equal(target);
      expect(page.text)
        .to.match(/<fieldset>\n<legend>/)
        .and.not.include('<script');
    });

    it('keeps a claim back that was left out, also from userinfo and after a refresh, and remembers it', async () => {
      const { visitor, person } = await somebody();
      const { path, verifier } = requestOf({ scope: 'openid profile email offline_access' });
      const page = await follow(app, visitor, await visitor.open(path));
      const { 'choice.claim.birthdate': _one, 'choice.claim.name': _two, ...ticked } = allowAll(page);
      const done = await follow(app, visitor, await visitor.send(page, ticked));
      const code = answerOf(done).get('code');
      const { body } = await redeem(app, code, verifier);
      const read = async (tokens: { access_token: string; id_token: string }) => [
        (await app.rest('/oauth/userinfo', { token: tokens.access_token })).body,
        decodeJwt(tokens.id_token),
      ];
      const form = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
      const basic: [string, string] = ['web', 'web-secret-0123456789-abcdefghijk'];
      const refreshed = await app.rest('/oauth/token', { form, basic });
      const again = requestOf({ scope: 'openid profile email' });
      const second = answerOf(await visitor.open(again.path)).get('code');
      const repeated = await redeem(app, second, again.verifier);
      for (const claims of [
        ...(await read(body)),
        ...(await read(refreshed.body)),
        ...(await read(repeated.body)),
      ]) {
        expect(claims).to.include({ sub: person.id, given_name: 'Ann', email: person.email });
        expect(claims).not.to.have.any.keys('name', 'birthdate');
      }
      const insisting = requestOf({ scope: 'openid profile', prompt: 'consent' });
      const asked = await follow(app, visitor, await visitor.open(insisting.path));
      expect(asked.text).to.match(/name="choice.claim.name" value="1">/);
      expect(asked.text).to.match(/name="choice.claim.given_name" value="1" checked>/);
    });

    it('keeps a claim back whose scope was refused, although the client asks for it by name too', async () => {
      const { visitor } = await somebody();
      const over = asking({ id_token: { email: { essential: true } } }, { scope: 'openid email' });
      for (const turn of ['when it is decided', 'from memory']) {
        const { path, verifier } = requestOf(over);
        let page = await follow(app, visitor, await visitor.open(path));
        if (turn === 'when it is decided') {
          page = await follow(app, visitor, await visitor.send(page, { 'choice.allow': '1' }));
        }
        const { idToken, userinfo } = await knownBy(answerOf(page).get('code'), verifier);
        expect(idToken, turn).not.to.have.property('email');
        expect(userinfo, turn).to.have.keys('sub');
      }
    });

    it('lets a claim by name be refused by itself, and does not ask again', async () => {
      const { visitor } = await somebody();
      const over = asking({ userinfo: { given_name: null, birthdate: null } }, { scope: 'openid' });
      const first = requestOf(over);
      const page = await follow(app, visitor, await visitor.open(first.path));
      const ticked = { 'choice.allow': '1', 'choice.claim.given_name': '1' };
      const done = await follow(app, visitor, await visitor.send(page, ticked));
      const known = await knownBy(answerOf(done).get('code'), first.verifier);
      expect(known.userinfo).to.have.keys('sub', 'given_name');
      const again = requestOf(over);
      const answer = await visitor.open(again.path);
      expect((await knownBy(answerOf(answer).get('code'), again.verifier)).userinfo).to.have.keys(
        'sub',
        'given_name',
      );
    });

    it('asks for a claim by name that was never decided', async () => {
      const { visitor } = await somebody();
      await authorize(app, visitor, requestOf({ scope: 'openid' }).path);
      const over = asking({ userinfo: { given_name: null } }, { scope: 'openid' });
      const page = await follow(app, visitor, await visitor.open(requestOf(over).path));
      expect(headingOf(page)).to.equal('Allow Photo Book?');
    });

    it('takes a refused scope for a refusal of its claims by name, whatever was granted before', async () => {
      const { visitor } = await somebody();
      await authorize(app, visitor, requestOf({ scope: 'openid email' }).path);
      const insisting = requestOf({ scope: 'openid email', prompt: 'consent' });
      const page = await follow(app, visitor, await visitor.open(insisting.path));
      await follow(app, visitor, await visitor.send(page, { 'choice.allow': '1' }));
      const over = asking({ id_token: { email: null } }, { scope: 'openid' });
      const asked = await follow(app, visitor, await visitor.open(requestOf(over).path));
      expect(headingOf(asked)).to.equal('Allow Photo Book?');
    });

    it('has no box for openid, which only a refusal of everything refuses', async () => {
      const { visitor } = await somebody();
      const { path, verifier } = requestOf({ scope: 'openid email' });
      const page = await follow(app, visitor, await visitor.open(path));
      expect(page.text).not.to.include('name="choice.scope.openid"');
      const done = await follow(app, visitor, await visitor.send(page, { 'choice.allow': '1' }));
      const { body } = await redeem(app, answerOf(done).get('code'), verifier);
      expect(body.scope).to.equal('openid');
    });

    it('gives nothing that was not asked for, whatever boxes a form claims to have had', async () => {
      const { visitor } = await somebody();
      const { path, verifier } = requestOf({ scope: 'openid' });
      const page = await follow(app, visitor, await visitor.open(path));
      const forged = {
        ...allowAll(page),
        'choice.claim.email': '1',
        'choice.scope.email': '1',
        'choice.details.0': '1',
      };
      const done = await follow(app, visitor, await visitor.send(page, forged));
      const { idToken, userinfo } = await knownBy(answerOf(done).get('code'), verifier);
      expect(idToken).not.to.have.property('email');
      expect(userinfo).to.have.keys('sub');
    });

    it('forgets everything when the consent is taken back', async () => {
      const { visitor, person } = await somebody();
      await authorize(app, visitor, requestOf().path);
      const { accessToken } = await app.signIn(person);
      const { data } = await app.graphql(
        'mutation { revokeConsent(input: { clientId: "web" }) { userErrors { message } } }',
        {},
        { token: accessToken },
      );
      expect(data?.revokeConsent.userErrors).to.deep.equal([]);
      const page = await follow(app, visitor, await visitor.open(requestOf().path));
      expect(nextOf(page)).to.equal(null);
      expect(headingOf(page)).to.equal('Allow Photo Book?');
    });
  });
});
