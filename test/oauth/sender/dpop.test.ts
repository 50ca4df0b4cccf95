import { createHmac, randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { decodeJwt, exportJWK } from 'jose';
import * as oauth from 'oauth4webapi';
import { createVisitor } from '../../pages/visitor.js';
import { enrolTotp } from '../../resolvers/authenticator.js';
import type { TestApp } from '../../support/app.js';
import { digestOf } from '../../support/digest.js';
import { authorize, challengeOf } from '../authorize/flow.js';
import { discover, insecure, skewOf } from '../clients/discover.js';
import { change, type Holder, MACHINE, makeHolder, proofOf, startParties } from './parties.js';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const TOKEN = { htm: 'POST', path: '/oauth/token' };

describe('DPoP', () => {
  let app: TestApp;
  let holder: Holder;
  let person: { id: string; email: string; password: string };
  before(async () => {
    app = await startParties({ http: { corsOrigins: ['https://spa.example'] } });
    holder = await makeHolder();
    person = await app.signUpAndConfirm();
  });
  after(() => app.close());

  const machine = (dpop: string, headers: Record<string, string> = {}) =>
    app.rest('/oauth/token', {
      form: { grant_type: 'client_credentials', scope: 'account' },
      basic: MACHINE,
      headers: { dpop, ...headers },
    });
  const asPerson = (dpop: string | null, over: Record<string, string> = {}) =>
    app.rest('/oauth/token', {
      form: {
        grant_type: 'password',
        client_id: 'spa',
        username: person.email,
        password: person.password,
        scope: 'openid account offline_access',
        ...over,
      },
      ...(dpop !== null && { headers: { dpop } }),
    });
  const proof = (over: Record<string, unknown> = {}, header: Record<string, unknown> = {}, by = holder) =>
    proofOf(app, by, TOKEN, over, header);
  const userTokens = async () => {
    const { body } = await asPerson(await proof());
    return body as { access_token: string; refresh_token: string; token_type: string };
  };

  describe('at the token endpoint', () => {
    it('binds the tokens to the key of the proof (RFC 9449 §5, §6.1)', async () => {
      const { status, body } = await machine(await proof());
      expect(status).to.equal(200);
      expect(body.token_type).to.equal('DPoP');
      expect(decodeJwt(body.access_token)['cnf']).to.deep.equal({ jkt: holder.thumbprint });
    });

    it('takes the address in any spelling, without query and fragment (RFC 9449 §4.3)', async () => {
      const { port } = new URL(app.url);
      for (const htu of [
        `HTTP://127.0.0.1:${port}/oauth/token`,
        `${app.url}/oauth/./token`,
        `${app.url}/oauth/%74oken`,
        `${app.url}/oauth/token?x=1#y`,
      ]) {
        expect((await machine(await proof({ htu }))).status, htu).to.equal(200);
      }
    });

    it('takes RSA and Edwards keys', async () => {
      for (const alg of ['RS256', 'PS256', 'EdDSA']) {
        const other = await makeHolder(alg);
        expect((await machine(await proof({}, { alg }, other))).status, alg).to.equal(200);
      }
    });

    const refused = async (dpop: string) => {
      const { status, body, text } = await machine(dpop);
      expect([status, body.error], text).to.deep.equal([400, 'invalid_dpop_proof']);
    };

    const now = () => Math.floor(app.clock().getTime() / 1000);
    const FAULTS: [string, () => Record<string, unknown>][] = [
      ['of another method', () => ({ htm: 'GET' })],
      ['of the method in lower case', () => ({ htm: 'post' })],
      ['without a method', () => ({ htm: undefined })],
      ['of another path', () => ({ htu: `${app.url}/graphql` })],
      ['of another host', () => ({ htu: 'https://evil.example/oauth/token' })],
      [
        'of a host that hides ours',
        () => ({ htu: `http://${new URL(app.url).host}@evil.example/oauth/token` }),
      ],
      ['of no address', () => ({ htu: 'oauth/token' })],
      ['without an address', () => ({ htu: undefined })],
      ['that is stale', () => ({ iat: now() - 62 })],
      ['from the future', () => ({ iat: now() + 62 })],
      ['without a time', () => ({ iat: undefined })],
      ['that ended itself', () => ({ exp: now() - 61 })],
      ['without a jti', () => ({ jti: undefined })],
      ['with an empty jti', () => ({ jti: '' })],
      ['with an endless jti', () => ({ jti: 'x'.repeat(600) })],
    ];
    for (const [title, over] of FAULTS) {
      it(`refuses a proof ${title} (RFC 9449 §4.3)`, async () => refused(await proof(over())));
    }

    it('refuses a proof whose jti was seen (RFC 9449 §11.1)', async () => {
      const once = await proof();
      expect((await machine(once)).status).to.equal(200);
      await refused(once);
      const jti = randomUUID();
      expect((await machine(await proof({ jti }))).status).to.equal(200);
      await refused(await proof({ jti }));
      app.clock.advance(30);
      await refused(once);
      // Somebody else may happen to choose the same.
      expect((await machine(await proof({ jti }, {}, await makeHolder()))).status).to.equal(200);
    });

    it('refuses a proof of another type', async () => {
      for (const typ of ['JWT', 'at+jwt', undefined]) await refused(await proof({}, { typ }));
    });

    it('refuses a proof whose jwk holds the private key', async () => {
      await refused(await proof({}, { jwk: await exportJWK(holder.privateKey) }));
    });

    it('refuses a proof without a key, and one with a key by reference', async () => {
      await refused(await proof({}, { jwk: undefined }));
      await refused(await proof({}, { jwk: undefined, kid: 'k1' }));
      await refused(await proof({}, { jwk: undefined, jku: 'https://evil.example/keys' }));
    });

    it('refuses a proof with a key that is not the one that signed', async () => {
      const other = await makeHolder();
      await refused(await proof({}, { jwk: other.publicJwk }));
    });

    it('refuses alg none and symmetric algorithms (RFC 9449 §4.3, RFC 8725 §3.1)', async () => {
      const [, body = ''] = (await proof()).split('.');
      const header = { typ: 'dpop+jwt', jwk: holder.publicJwk };
      await refused(`${encode({ ...header, alg: 'none' })}.${body}.`);
      const secret = 'a secret that both would know, 32 bytes';
      for (const jwk of [{ kty: 'oct', k: Buffer.from(secret).toString('base64url') }, holder.publicJwk]) {
        const input = `${encode({ typ: 'dpop+jwt', alg: 'HS256', jwk })}.${body}`;
        await refused(`${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`);
      }
    });

    it('refuses garbage, a proof that is endless, and two proofs (RFC 9449 §4.3)', async () => {
      const pair = `${await proof()}, ${await proof()}`;
      for (const dpop of ['x', '..', 'a.b.c', encode({}), 'x'.repeat(9000), pair]) await refused(dpop);
    });

    it('demands a proof of a client with dpopBoundAccessTokens (RFC 9449 §5.2)', async () => {
      await change(app, 'machine', { dpopBoundAccessTokens: true });
      const form = { grant_type: 'client_credentials', scope: 'account' };
      const without = await app.rest('/oauth/token', { form, basic: MACHINE });
      expect([without.status, without.body.error]).to.deep.equal([400, 'invalid_request']);
      expect((await machine(await proof())).status).to.equal(200);
      await change(app, 'machine', { dpopBoundAccessTokens: false });
    });
  });

  describe('at a refresh', () => {
    const refresh = (refresh_token: string, dpop: string | null, over: Record<string, string> = {}) =>
      asPerson(dpop, { grant_type: 'refresh_token', refresh_token, ...over });

    it('of a public client demands the key of the first proof (RFC 9449 §5)', async () => {
      const first = await userTokens();
      const other = await makeHolder();
      for (const dpop of [null, await proof({}, {}, other)]) {
        const { status, body } = await refresh(first.refresh_token, dpop);
        expect([status, body.error]).to.deep.equal([400, 'invalid_grant']);
      }
      const { status, body } = await refresh(first.refresh_token, await proof());
      expect(status).to.equal(200);
      expect(decodeJwt(body.access_token)['cnf']).to.deep.equal({ jkt: holder.thumbprint });
    });

    it('of a confidential client takes any key, and binds the new token to it', async () => {
      const form = {
        grant_type: 'password',
        username: person.email,
        password: person.password,
        scope: 'openid offline_access',
      };
      const first = await app.rest('/oauth/token', {
        form,
        basic: MACHINE,
        headers: { dpop: await proof() },
      });
      const other = await makeHolder();
      const second = await app.rest('/oauth/token', {
        form: { grant_type: 'refresh_token', refresh_token: first.body.refresh_token },
        basic: MACHINE,
        headers: { dpop: await proof({}, {}, other) },
      });
      expect(second.status, second.text).to.equal(200);
      expect(decodeJwt(second.body.access_token)['cnf']).to.deep.equal({ jkt: other.thumbprint });
    });

    it('gives a bearer token where no proof came and none was bound', async () => {
      const first = await asPerson(null);
      expect(first.body.token_type).to.equal('Bearer');
      expect((await refresh(first.body.refresh_token, null)).body.token_type).to.equal('Bearer');
    });
  });

  describe('at the doors of the house', () => {
    let guest: typeof person;
    beforeEach(async () => {
      guest = await app.signUpAndConfirm();
    });
    const LOGIN = { htm: 'POST', path: '/auth/login' };
    const REFRESH = { htm: 'POST', path: '/auth/refresh' };
    const GRAPHQL = { htm: 'POST', path: '/graphql' };
    const SIGN_IN = `mutation ($input: SignInInput!) { signIn(input: $input) {
      result { ... on SignedIn { tokens { accessToken tokenType } } } } }`;
    const login = async (dpop: string) =>
      app.rest('/auth/login', {
        body: { identifier: guest.email, password: guest.password },
        headers: { dpop },
      });
    const refreshWith = (refreshToken: string, dpop?: string) =>
      app.rest('/auth/refresh', {
        body: { refreshToken },
        ...(dpop !== undefined && { headers: { dpop } }),
      });
    const ask = (token: string, query: string, dpop: string) =>
      app.rest('/graphql', { body: { query }, headers: { authorization: `DPoP ${token}`, dpop } });
    const signInWith = (dpop: string) => {
      const input = { identifier: guest.email, password: guest.password, session: 'TOKENS' };
      return app.rest('/graphql', { body: { query: SIGN_IN, variables: { input } }, headers: { dpop } });
    };
    const sessions = () => app.deps.models.sessions.countDocuments({ userId: guest.id });

    it('binds the tokens of a sign-in and of its refresh to the key (RFC 9449 §5)', async () => {
      const { status, body } = await login(await proofOf(app, holder, LOGIN));
      expect([status, body.tokenType]).to.deep.equal([200, 'DPoP']);
      expect(decodeJwt(body.accessToken)['cnf']).to.deep.equal({ jkt: holder.thumbprint });
      expect((await refreshWith(body.refreshToken)).status).to.equal(401);
      const thief = await makeHolder();
      const stolen = await refreshWith(body.refreshToken, await proofOf(app, thief, REFRESH));
      expect(stolen.status).to.equal(401);
      const next = await refreshWith(body.refreshToken, await proofOf(app, holder, REFRESH));
      expect([next.status, next.body.tokenType]).to.deep.equal([200, 'DPoP']);
    });

    it('binds the tokens of a sign-in over GraphQL, and of a session that is raised there', async () => {
      const signedIn = await signInWith(await proofOf(app, holder, GRAPHQL));
      const { accessToken, tokenType } = signedIn.body.data.signIn.result.tokens;
      expect(tokenType).to.equal('DPoP');
      const authenticator = await enrolTotp(app, (await app.signIn(guest)).accessToken);
      app.clock.advance(30);
      const STEP_UP =
        'mutation { stepUp(input: { acr: "aal2" }) { result { ... on FactorRequired { transaction } } } }';
      const forToken = () => proofOf(app, holder, GRAPHQL, { ath: digestOf(accessToken) });
      const begun = await ask(accessToken, STEP_UP, await forToken());
      const goOn = (answer: { body: { data: Record<string, { result: object }> } }, input: string) => {
        const [step] = Object.values(answer.body.data);
        const { transaction } = { transaction: '', ...step?.result };
        return `mutation { continueSignIn(input: { transaction: "${transaction}", ${input} }) { result {
          ... on FactorRequired { transaction } ... on SignedIn { tokens { accessToken tokenType } } } } }`;
      };
      const choose = goOn(begun, `factorId: "${authenticator.factorId}"`);
      const chosen = await ask(accessToken, choose, await forToken());
      const code = goOn(chosen, `code: "${authenticator.code()}"`);
      const raised = await ask(accessToken, code, await forToken());
      const { tokens } = raised.body.data.continueSignIn.result;
      expect(tokens.tokenType).to.equal('DPoP');
      expect(decodeJwt(tokens.accessToken)).to.deep.include({ acr: 'aal2', cnf: { jkt: holder.thumbprint } });

      // Whoever saw the transaction gets no bearer token out of it.
      const again = goOn(
        await ask(accessToken, STEP_UP, await forToken()),
        `factorId: "${authenticator.factorId}"`,
      );
      const foreign = { dpop: await proofOf(app, await makeHolder(), GRAPHQL) };
      for (const headers of [{}, foreign] as Record<string, string>[]) {
        const { body } = await app.rest('/graphql', { body: { query: again }, headers });
        expect(body.data.continueSignIn).to.equal(null);
        expect(body.errors[0].message).to.contain('began elsewhere');
      }
    });

    it('refuses a proof that does not hold, and lets nobody in by it', async () => {
      const used = await proofOf(app, holder, LOGIN);
      const refreshToken: string = (await login(used)).body.refreshToken;
      const before = await sessions();
      const elsewhere = await proof();
      for (const dpop of [used, elsewhere, 'garbage', `${await proofOf(app, holder, LOGIN)},x`]) {
        expect((await login(dpop)).status).to.equal(401);
        expect((await refreshWith(refreshToken, dpop)).status).to.equal(401);
        const { body } = await signInWith(dpop);
        expect(body.errors[0].extensions.code).to.equal('UNAUTHENTICATED');
      }
      expect(await sessions()).to.equal(before);
    });

    it('spends one proof for all mutations of a request', async () => {
      const both = SIGN_IN.replace('signIn(input', 'one: signIn(input').replace(
        /\}\s*$/,
        ' two: signIn(input: $input) { result { ... on SignedIn { tokens { tokenType } } } } }',
      );
      const input = { identifier: guest.email, password: guest.password, session: 'TOKENS' };
      const { body } = await app.rest('/graphql', {
        body: { query: both, variables: { input } },
        headers: { dpop: await proofOf(app, holder, GRAPHQL) },
      });
      expect(body.errors).to.equal(undefined);
      expect(body.data.two.result.tokens.tokenType).to.equal('DPoP');
    });
  });

  describe('of a code', () => {
    const codeFor = async (over: Record<string, string>) => {
      const verifier = 'v'.repeat(43);
      const query = new URLSearchParams({
        client_id: 'spa',
        redirect_uri: 'https://spa.example/callback',
        response_type: 'code',
        scope: 'openid',
        code_challenge: challengeOf(verifier),
        code_challenge_method: 'S256',
        ...over,
      });
      const answer = await authorize(app, createVisitor(app), `/oauth/authorize?${query.toString()}`, person);
      return { code: answer.get('code') ?? '', verifier };
    };
    const redeem = ({ code, verifier }: { code: string; verifier: string }, dpop: string | null) =>
      app.rest('/oauth/token', {
        form: {
          grant_type: 'authorization_code',
          client_id: 'spa',
          redirect_uri: 'https://spa.example/callback',
          code,
          code_verifier: verifier,
        },
        ...(dpop !== null && { headers: { dpop } }),
      });

    it('with dpop_jkt demands that key, and the code outlives the attempt of another one (RFC 9449 §10)', async () => {
      const code = await codeFor({ dpop_jkt: holder.thumbprint });
      for (const dpop of [null, await proof({}, {}, await makeHolder())]) {
        expect((await redeem(code, dpop)).body.error).to.equal('invalid_grant');
      }
      const { status, body, text } = await redeem(code, await proof());
      expect(status, text).to.equal(200);
      expect(body.token_type).to.equal('DPoP');
    });

    it('without dpop_jkt takes the key that comes', async () => {
      expect((await redeem(await codeFor({}), await proof())).body.token_type).to.equal('DPoP');
    });
  });

  interface Use {
    scheme?: string;
    by?: Holder | null;
    over?: Record<string, unknown>;
  }

  /** Every resource of ours: what it answers to a token with a proof. */
  const RESOURCES: [string, string, string, object | null][] = [
    ['userinfo', 'GET', '/oauth/userinfo', null],
    ['userinfo by POST', 'POST', '/oauth/userinfo', null],
    ['GraphQL', 'POST', '/graphql', { query: '{ viewer { id } }' }],
    ['REST', 'GET', '/auth/me', null],
    ['the gateway', 'GET', '/auth/validate', null],
  ];
  for (const [title, method, path, body] of RESOURCES) {
    describe(`at ${title}`, () => {
      const use = async (token: string, { scheme = 'DPoP', by = holder, over = {} }: Use = {}) => {
        const dpop =
          by === null
            ? null
            : await proofOf(app, by, { htm: method, path }, { ath: digestOf(token), ...over });
        return app.rest(path, {
          method,
          ...(body && { body }),
          headers: { authorization: `${scheme} ${token}`, ...(dpop !== null && { dpop }) },
        });
      };
      const refused = async (answer: Awaited<ReturnType<typeof use>>, error: string, scheme = 'DPoP') => {
        expect(answer.status, answer.text).to.equal(401);
        const challenge = answer.headers.get('www-authenticate') ?? '';
        expect(challenge).to.match(new RegExp(`^${scheme} .*error="${error}"`));
        expect(challenge).to.match(/algs="ES256 /);
      };

      it('lets the holder of the key in (RFC 9449 §7.1)', async () => {
        const { access_token: token } = await userTokens();
        const answer = await use(token);
        expect(answer.status, answer.text).to.equal(200);
        expect(answer.text).to.not.include('"errors"');
        expect((await use(token, { scheme: 'dpop' })).status).to.equal(200);
      });

      it('refuses a DPoP-bound token that comes as Bearer (RFC 9449 §7.2)', async () => {
        const { access_token: token } = await userTokens();
        await refused(await use(token, { scheme: 'Bearer' }), 'invalid_token', 'Bearer');
        await refused(await use(token, { scheme: 'Bearer', by: null }), 'invalid_token', 'Bearer');
      });

      it('refuses a bearer token that comes as DPoP (RFC 9449 §7.1)', async () => {
        const { access_token: token } = (await asPerson(null)).body;
        await refused(await use(token), 'invalid_token');
        expect((await use(token, { scheme: 'Bearer', by: null })).status).to.equal(200);
      });

      it('refuses another key, no proof, and a proof for another token or none (RFC 9449 §7.1)', async () => {
        const { access_token: token } = await userTokens();
        const { access_token: other } = await userTokens();
        await refused(await use(token, { by: await makeHolder() }), 'invalid_token');
        await refused(await use(token, { by: null }), 'invalid_dpop_proof');
        await refused(await use(token, { over: { ath: digestOf(other) } }), 'invalid_dpop_proof');
        await refused(await use(token, { over: { ath: undefined } }), 'invalid_dpop_proof');
      });

      it('refuses a proof for another method or address, a stale one, and one that was seen', async () => {
        const { access_token: token } = await userTokens();
        const iat = Math.floor(app.clock().getTime() / 1000) - 62;
        for (const over of [{ htm: 'PUT' }, { htu: `${app.url}/oauth/token` }, { iat }]) {
          await refused(await use(token, { over }), 'invalid_dpop_proof');
        }
        const jti = randomUUID();
        expect((await use(token, { over: { jti } })).status).to.equal(200);
        await refused(await use(token, { over: { jti } }), 'invalid_dpop_proof');
      });
    });
  }

  it('is shown by introspection (RFC 9449 §6.2)', async () => {
    const tokens = await userTokens();
    const introspect = (token: string) => app.rest('/oauth/introspect', { form: { token }, basic: MACHINE });
    expect((await introspect(tokens.access_token)).body).to.deep.include({
      active: true,
      token_type: 'DPoP',
      cnf: { jkt: holder.thumbprint },
    });
  });

  it('lets a listed origin send proofs and read nonces and challenges (CORS)', async () => {
    const preflight = await app.rest('/oauth/token', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://spa.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'dpop',
      },
    });
    expect(preflight.headers.get('access-control-allow-headers')).to.match(/\bDPoP\b/);
    const answer = await machine(await proof(), { origin: 'https://spa.example' });
    const exposed = answer.headers.get('access-control-expose-headers');
    expect(exposed).to.include('DPoP-Nonce').and.to.include('WWW-Authenticate');
  });

  for (const requireNonce of ['never', 'tokens', 'always'] as const) {
    it(`works with oauth4webapi when nonces are demanded: ${requireNonce}`, async () => {
      const site = requireNonce === 'never' ? app : await startParties({ dpop: { requireNonce } });
      try {
        const who = site === app ? person : await site.signUpAndConfirm();
        const as = await discover(site);
        expect(as.dpop_signing_alg_values_supported).to.include('ES256');
        const client: oauth.Client = { client_id: 'spa', ...skewOf(site) };
        const keys = await oauth.generateKeyPair('ES256');
        const DPoP = oauth.DPoP(client, keys);
        const ask = () =>
          oauth.genericTokenEndpointRequest(
            as,
            client,
            oauth.None(),
            'password',
            { username: who.email, password: who.password, scope: 'openid account offline_access' },
            { ...insecure, DPoP },
          );
        const read = async () => oauth.processGenericTokenEndpointResponse(as, client, await ask());
        const tokens = await read().catch((error: unknown) => {
          if (oauth.isDPoPNonceError(error)) return read();
          throw error;
        });
        expect(tokens.token_type).to.equal('dpop');
        const call = () =>
          oauth.protectedResourceRequest(
            tokens.access_token,
            'GET',
            new URL(`${site.url}/auth/me`),
            undefined,
            null,
            { ...insecure, DPoP },
          );
        const answer = await call().catch((error: unknown) => {
          if (oauth.isDPoPNonceError(error)) return call();
          throw error;
        });
        expect(answer.status).to.equal(200);
        const again = await oauth.refreshTokenGrantRequest(
          as,
          client,
          oauth.None(),
          tokens.refresh_token ?? '',
          { ...insecure, DPoP },
        );
        expect((await oauth.processRefreshTokenResponse(as, client, again)).token_type).to.equal('dpop');
      } finally {
        if (site !== app) await site.close();
      }
    });
  }

  describe('with nonces demanded', () => {
    let strict: TestApp;
    before(async () => {
      strict = await startParties({ dpop: { requireNonce: 'always' } });
    });
    after(() => strict.close());

    const ask = async (over: Record<string, unknown> = {}) =>
      strict.rest('/oauth/token', {
        form: { grant_type: 'client_credentials', scope: 'account' },
        basic: MACHINE,
        headers: { dpop: await proofOf(strict, holder, TOKEN, over) },
      });
    const nonceOf = ({ headers }: { headers: Headers }) => headers.get('dpop-nonce') ?? '';

    it('names one, and takes the proof that holds it (RFC 9449 §8)', async () => {
      const first = await ask();
      expect([first.status, first.body.error]).to.deep.equal([400, 'use_dpop_nonce']);
      expect(nonceOf(first)).to.match(/^[\w-]{43}$/);
      const second = await ask({ nonce: nonceOf(first) });
      expect(second.status).to.equal(200);
      expect(nonceOf(second)).to.match(/^[\w-]{43}$/);
    });

    it('refuses a nonce that is over, made up, or of another installation', async () => {
      const nonce = nonceOf(await ask());
      strict.clock.advance(181);
      for (const bad of [nonce, 'x'.repeat(43), '', nonceOf(await machine(await proof()))]) {
        expect((await ask({ nonce: bad })).body.error, bad).to.equal('use_dpop_nonce');
      }
    });

    it('takes a proof of a client whose clock is wrong: the nonce tells the time (RFC 9449 §11.1)', async () => {
      const nonce = nonceOf(await ask());
      const iat = Math.floor(strict.clock().getTime() / 1000) - 86_400;
      expect((await ask({ nonce, iat })).status).to.equal(200);
    });

    it('remembers a proof for as long as its nonce is taken', async () => {
      const nonce = nonceOf(await ask());
      const jti = randomUUID();
      expect((await ask({ nonce, jti })).status).to.equal(200);
      for (let turn = 0; turn < 6; turn += 1) {
        strict.clock.advance(30);
        expect((await ask({ nonce, jti })).status).to.equal(400);
      }
    });

    it('challenges at resources with 401 and the nonce (RFC 9449 §9)', async () => {
      const nonce = nonceOf(await ask());
      const { access_token: token } = (await ask({ nonce })).body;
      for (const path of ['/auth/validate', '/graphql?query=%7Bviewer%7Bid%7D%7D']) {
        const use = async (over: Record<string, unknown>) =>
          strict.rest(path, {
            headers: {
              authorization: `DPoP ${token}`,
              'apollo-require-preflight': '1',
              dpop: await proofOf(strict, holder, { htm: 'GET', path }, { ath: digestOf(token), ...over }),
            },
          });
        const first = await use({});
        expect(first.status, first.text).to.equal(401);
        expect(first.headers.get('www-authenticate')).to.match(/^DPoP .*error="use_dpop_nonce"/);
        expect((await use({ nonce: nonceOf(first) })).status).to.equal(200);
      }
    });
  });
});
