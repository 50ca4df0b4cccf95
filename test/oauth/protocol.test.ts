import { expect } from 'chai';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { configSchema } from '../../src/config/schema.js';
import { createVisitor } from '../pages/visitor.js';
import { startApp, type TestApp } from '../support/app.js';
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
} from './authorize/flow.js';

const BASIC: [string, string] = ['web', WEB_SECRET];

/** What no other test asks for because no client ever does, and what holds of all answers alike. */
describe('the protocol at its edges', () => {
  let app: TestApp;
  before(async () => {
    app = await startFlows();
  });
  after(() => app.close());

  const discovered = async (of: TestApp = app): Promise<Record<string, unknown>> =>
    (await of.rest('/.well-known/openid-configuration')).body;

  /** A code of a person who has allowed everything, and what belongs to it. */
  async function grant(over: Record<string, string | undefined> = {}) {
    const { visitor, person } = await signedInVisitor(app);
    const { path, verifier } = requestOf(over);
    const code = (await authorize(app, visitor, path)).get('code') ?? '';
    return { visitor, person, code, verifier };
  }

  it('treats a parameter without a value as left out (RFC 6749 §3.1, §3.2)', async () => {
    const empty = { max_age: '', prompt: '', response_mode: '', login_hint: '', id_token_hint: '' };
    const { code, verifier } = await grant(empty);
    expect((await redeem(app, code, verifier, { scope: '' })).status).to.equal(200);
    const without = answerOf(await createVisitor(app).open(requestOf({ code_challenge: '' }).path));
    expect(without.get('error')).to.equal('invalid_request');
  });

  it('ignores parameters that it does not know (RFC 6749 §3.1, §3.2)', async () => {
    const { code, verifier } = await grant({ 'x-unknown': '1', __proto__: 'x', constructor: 'y' });
    expect((await redeem(app, code, verifier, { 'x-unknown': '1', constructor: 'y' })).status).to.equal(200);
  });

  it('names its endpoints without a fragment or a query (RFC 6749 §3.1, §3.2)', async () => {
    const addresses = Object.entries(await discovered()).filter(([name]) => /_endpoint$|_uri$/.test(name));
    expect(addresses.length).to.be.above(6);
    for (const [name, address] of addresses) {
      const { hash, search, origin } = new URL(String(address));
      expect([hash, search, origin], name).to.deep.equal(['', '', new URL(app.config.issuer).origin]);
    }
  });

  it('takes no code from a confidential client that only names itself, and keeps it for the client (RFC 6749 §4.1.3)', async () => {
    const { code, verifier } = await grant();
    const refused = await redeem(app, code, verifier, { client_id: 'web' }, null);
    expect([refused.status, refused.body.error]).to.deep.equal([401, 'invalid_client']);
    expect((await redeem(app, code, verifier)).status).to.equal(200);
  });

  it('takes no code without the redirect URI of its request (RFC 6749 §4.1.3)', async () => {
    const { code, verifier } = await grant();
    const refused = await redeem(app, code, verifier, { redirect_uri: '' });
    expect(refused.status).to.equal(400);
    expect(refused.body.error).to.be.oneOf(['invalid_request', 'invalid_grant']);
  });

  it('keeps to the characters that RFC 6749 allows in errors (§4.1.2.1, §5.2)', async () => {
    const evil = '"\\\u00e4\n\u0007<b>';
    const answers = [
      answerOf(await createVisitor(app).open(requestOf({ scope: `openid ${evil}` }).path)),
      answerOf(await createVisitor(app).open(requestOf({ response_mode: evil }).path)),
      answerOf(await createVisitor(app).open(requestOf({ prompt: evil }).path)),
    ].map((answer) => Object.fromEntries(answer));
    const token = { grant_type: evil, scope: evil };
    answers.push((await app.rest('/oauth/token', { form: token, basic: BASIC })).body);
    for (const { error, error_description: description } of answers) {
      expect(error).to.match(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
      expect(description).to.match(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
    }
  });

  it('makes codes and refresh tokens of more than 128 random bits (RFC 6749 §10.10)', async () => {
    const codes = new Set<string>();
    const { visitor } = await grant({ scope: 'openid email offline_access' });
    for (let turn = 0; turn < 20; turn += 1) {
      codes.add(answerOf(await visitor.open(requestOf().path)).get('code') ?? '');
    }
    expect(codes.size).to.equal(20);
    for (const code of codes) expect(code).to.match(/^[\w-]{43}$/);
    // No character of them is a constant, as it would be in an encoded structure.
    const columns = Array.from({ length: 43 }, (_, at) => new Set([...codes].map((code) => code[at])).size);
    expect(Math.min(...columns)).to.be.above(1);

    const { code, verifier } = await grant({ scope: 'openid offline_access' });
    const { body } = await redeem(app, code, verifier);
    const [id = '', counter = '', mac = ''] = String(body.refresh_token).split('.');
    expect(Buffer.from(mac || counter || id, 'base64url').length).to.be.at.least(16);
  });

  it('takes an access token from a form, not from JSON, and not at GET (RFC 6750 §2.2)', async () => {
    const { code, verifier } = await grant();
    const { access_token: token } = (await redeem(app, code, verifier)).body;
    expect((await app.rest('/oauth/userinfo', { form: { access_token: token } })).status).to.equal(200);
    for (const refused of [
      await app.rest('/oauth/userinfo', { body: { access_token: token } }),
      await app.rest(`/oauth/userinfo?access_token=${token}`),
      await app.rest(`/oauth/userinfo?access_token=${token}`, { form: {} }),
    ]) {
      expect(refused.status).to.equal(401);
    }
  });

  it('repeats no attribute in a challenge, and keeps to the characters allowed (RFC 6750 §3)', async () => {
    const challenges = [
      await app.rest('/oauth/userinfo'),
      await app.rest('/oauth/userinfo', { token: 'garbage' }),
      await app.rest('/oauth/token', { form: { grant_type: 'client_credentials' }, basic: ['web', 'wrong'] }),
    ].map((answer) => answer.headers.get('www-authenticate') ?? '');
    for (const challenge of challenges) {
      expect(challenge).to.match(/^(?:Bearer|DPoP|Basic) /);
      for (const one of challenge.split(/, (?=(?:Bearer|DPoP|Basic)\b)/)) {
        const names = [...one.matchAll(/(\w+)="([\x20-\x21\x23-\x5b\x5d-\x7e]*)"/g)].map(([, name]) => name);
        expect(names.length, one).to.equal(one.split('="').length - 1);
        expect(new Set(names).size, one).to.equal(names.length);
      }
    }
  });

  it('takes no verifier that is shorter, longer or of other characters than RFC 7636 §4.1 says', async () => {
    for (const bad of ['v'.repeat(42), 'v'.repeat(129), `${'v'.repeat(42)}=`, `${'v'.repeat(42)}ä`]) {
      const { code } = await grant({ code_challenge: challengeOf(bad) });
      const { status, body } = await redeem(app, code, bad);
      expect([status, body.error], bad).to.deep.equal([400, 'invalid_grant']);
    }
    for (const good of ['v'.repeat(43), '-._~'.repeat(32)]) {
      const { code } = await grant({ code_challenge: challengeOf(good) });
      expect((await redeem(app, code, good)).status, good).to.equal(200);
    }
  });

  it('refuses an introspection without a token, and one with two (RFC 7662 §2.1)', async () => {
    const bodies: [string, string][][] = [
      [],
      [['token', '']],
      [
        ['token', 'a'],
        ['token', 'b'],
      ],
    ];
    for (const form of bodies) {
      const { status, body } = await app.rest('/oauth/introspect', { form, basic: BASIC });
      expect([status, body.error]).to.deep.equal([400, 'invalid_request']);
    }
  });

  it('leaves out of its metadata what has no value (RFC 8414 §3.2)', async () => {
    for (const path of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
      for (const [name, value] of Object.entries((await app.rest(path)).body)) {
        expect(value, name).not.to.equal(null);
        if (Array.isArray(value)) expect(value, name).to.have.length.above(0);
      }
    }
  });

  it('answers discovery with 200 and application/json (RFC 8414 §3.2)', async () => {
    for (const path of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
      const { status, headers } = await app.rest(path);
      expect(status).to.equal(200);
      expect(headers.get('content-type')).to.match(/^application\/json\b/);
    }
  });

  it('offers the algorithm none nowhere (RFC 8414 §2, OpenID Connect Discovery §3)', async () => {
    const lists = Object.entries(await discovered()).filter(([name]) => name.includes('_alg_values_'));
    expect(lists.length).to.be.above(0);
    for (const [name, values] of lists) expect(values, name).not.to.include('none');
  });

  it('names the algorithms of client assertions where it takes any (RFC 8414 §2)', async () => {
    const document = await discovered();
    for (const endpoint of ['token', 'revocation', 'introspection']) {
      const methods = (document[`${endpoint}_endpoint_auth_methods_supported`] ?? []) as string[];
      const algorithms = document[`${endpoint}_endpoint_auth_signing_alg_values_supported`];
      if (methods.some((method) => method.endsWith('_jwt'))) {
        expect(algorithms, endpoint).to.be.an('array').that.is.not.empty;
      } else {
        expect(algorithms, endpoint).to.equal(undefined);
      }
    }
  });

  it('names one issuer, everywhere the same (RFC 9207 §2.3, OpenID Connect Discovery §4.3)', async () => {
    const { visitor } = await signedInVisitor(app);
    const { path, verifier } = requestOf();
    const answer = await authorize(app, visitor, path);
    const { body } = await redeem(app, answer.get('code'), verifier);
    const issuers = [
      (await discovered())['issuer'],
      answer.get('iss'),
      decodeJwt(body.id_token).iss,
      decodeJwt(body.access_token).iss,
    ];
    expect(new Set(issuers)).to.deep.equal(new Set([app.config.issuer]));
  });

  it('sends nobody on with 307 or 308, which would post their form again (RFC 9700 §4.12)', async () => {
    const person = await app.signUpAndConfirm();
    const visitor = createVisitor(app);
    const { path } = requestOf();
    const statuses: number[] = [];
    let page = await visitor.open(path);
    statuses.push(page.status);
    page = await follow(app, visitor, page);
    page = await visitor.send(page, { identifier: person.email, password: person.password });
    statuses.push(page.status);
    page = await follow(app, visitor, page);
    page = await visitor.send(page, allowAll(page));
    statuses.push(page.status);
    const begun = await app.rest('/oauth/authorize', {
      form: Object.fromEntries(new URLSearchParams(path.split('?')[1])),
    });
    statuses.push(begun.status);
    expect(nextOf(await follow(app, visitor, page))).to.be.a('string');
    for (const status of statuses) expect(status).to.be.oneOf([200, 302, 303]);
  });

  it('lets no page tell another site where it came from (RFC 9700 §4.2.4)', async () => {
    const { visitor } = await signedInVisitor(app);
    const first = await visitor.open(requestOf().path);
    const consent = await follow(app, visitor, first);
    for (const page of [first, consent, await visitor.open('/sign-in')]) {
      expect(page.headers.get('referrer-policy')).to.equal('no-referrer');
    }
  });

  it('gives a public client a new refresh token each time, and ends the family at a replay (RFC 9700 §4.14.2)', async () => {
    const { visitor } = await signedInVisitor(app);
    const spa = { client_id: 'spa', redirect_uri: 'https://spa.example/callback' };
    const { path, verifier } = requestOf({ ...spa, scope: 'openid offline_access' });
    const code = (await authorize(app, visitor, path)).get('code');
    const first = (await redeem(app, code, verifier, spa, null)).body.refresh_token;
    const refresh = (token: string) =>
      app.rest('/oauth/token', {
        form: { grant_type: 'refresh_token', refresh_token: token, client_id: 'spa' },
      });
    const second = (await refresh(first)).body.refresh_token;
    expect(second).to.be.a('string').and.not.equal(first);
    app.clock.advance(60);
    expect((await refresh(first)).body.error).to.equal('invalid_grant');
    expect((await refresh(second)).body.error).to.equal('invalid_grant');
  });

  it('signs ID tokens with RS256 unless told otherwise, and says so (OpenID Connect Core §15.1)', async () => {
    const plain = await startApp({ tokens: { algorithm: 'RS256' }, clients: flowClient() });
    try {
      const { visitor } = await signedInVisitor(plain);
      const { path, verifier } = requestOf();
      const { body } = await redeem(plain, (await authorize(plain, visitor, path)).get('code'), verifier);
      expect(decodeProtectedHeader(body.id_token).alg).to.equal('RS256');
      expect((await discovered(plain))['id_token_signing_alg_values_supported']).to.include('RS256');
      expect(configSchema.parse({}).tokens.algorithm).to.equal('RS256');
    } finally {
      await plain.close();
    }
  });

  it('takes display, ui_locales, claims_locales and acr_values without an error (OpenID Connect Core §15.1)', async () => {
    const { visitor } = await signedInVisitor(app);
    await authorize(app, visitor, requestOf().path);
    for (const over of [
      { display: 'page' },
      { display: 'touch' },
      { ui_locales: 'fr-CA fr en' },
      { claims_locales: 'de' },
      { acr_values: 'urn:unknown 0' },
    ]) {
      const answer = answerOf(await visitor.open(requestOf(over).path));
      expect(answer.get('code'), JSON.stringify(over)).to.be.a('string');
    }
  });

  it('names the person by the same subject everywhere, in ASCII, not too long (OpenID Connect Core §2, §5.3.2)', async () => {
    const { person, code, verifier } = await grant({ scope: 'openid profile' });
    const { body } = await redeem(app, code, verifier);
    const { sub } = decodeJwt(body.id_token);
    expect(sub)
      .to.match(/^[\x21-\x7e]{1,255}$/)
      .and.equal(person.id);
    const { body: info, headers } = await app.rest('/oauth/userinfo', { token: body.access_token });
    expect(headers.get('content-type')).to.equal('application/json; charset=utf-8');
    expect(info.sub).to.equal(sub);
    for (const [name, value] of Object.entries(info)) expect(value, name).not.to.be.oneOf([null, '']);
  });

  it('names in an ID token who it is from, about and for, and for how long (OpenID Connect Core §2)', async () => {
    const { person, code, verifier } = await grant({ max_age: '600' });
    const claims = decodeJwt((await redeem(app, code, verifier)).body.id_token);
    const now = Math.floor(app.clock().getTime() / 1000);
    expect(claims).to.include({ iss: app.config.issuer, sub: person.id, aud: 'web', nonce: 'nonce-1' });
    expect(claims.iat).to.be.within(now - 5, now);
    expect(claims.exp).to.be.above(now);
    expect(claims['auth_time']).to.be.within(now - 60, now);
  });

  it('keeps issuer, subject, audience and time of sign-in in the ID token of a refresh (OpenID Connect Core §12.2)', async () => {
    const { code, verifier } = await grant({ scope: 'openid offline_access' });
    const first = (await redeem(app, code, verifier)).body;
    app.clock.advance(5);
    const form = { grant_type: 'refresh_token', refresh_token: first.refresh_token };
    const second = (await app.rest('/oauth/token', { form, basic: BASIC })).body;
    const [before, after] = [decodeJwt(first.id_token), decodeJwt(second.id_token)];
    for (const name of ['iss', 'sub', 'aud', 'auth_time'])
      expect(after[name], name).to.deep.equal(before[name]);
    expect(after.iat).to.be.above(before.iat ?? 0);
    expect(after).not.to.have.property('nonce');
  });

  it('makes no OpenID request of one without the scope openid (OpenID Connect Core §3.1.2.1)', async () => {
    const { code, verifier } = await grant({ scope: 'email' });
    const { body } = await redeem(app, code, verifier);
    expect(body).to.have.property('access_token');
    expect(body).not.to.have.property('id_token');
    expect((await app.rest('/oauth/userinfo', { token: body.access_token })).status).to.equal(403);
  });
});

function flowClient() {
  return [
    {
      clientId: 'web',
      secret: WEB_SECRET,
      grantTypes: ['authorization_code' as const],
      redirectUris: [CALLBACK],
      scopes: ['openid', 'email'],
    },
  ];
}
