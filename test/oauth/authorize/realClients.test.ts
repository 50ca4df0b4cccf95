import { expect } from 'chai';
import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';
import type { Visitor } from '../../pages/visitor.js';
import type { TestApp } from '../../support/app.js';
import { discover, insecure } from '../clients/discover.js';
import { allowAll, CALLBACK, follow, nextOf, signedInVisitor, startFlows, WEB_SECRET } from './flow.js';
import { type Signer, signerOf } from './signer.js';

const ORDERS = 'https://orders.example/';

describe('authorization requests of real clients', () => {
  let app: TestApp;
  let signer: Signer;
  before(async () => {
    app = await startFlows(
      {
        scopes: [{ name: 'orders:read', description: 'See your orders', rules: [] }],
        resources: [{ identifier: ORDERS, scopes: ['orders:read'] }],
      },
      // Their clocks are the machine's.
      { runningClock: true },
    );
    signer = await signerOf(app);
    await app.deps.models.clients.updateOne({ _id: 'web' }, { $push: { scopes: 'orders:read' } });
  });
  after(() => app.close());

  /** Where the browser comes out: the app's address with the answer, or the page that posts it there. */
  async function browse(visitor: Visitor, url: URL) {
    let page = await follow(app, visitor, await visitor.open(`${url.pathname}${url.search}`));
    if (page.text.includes('<h1>Allow ')) {
      page = await follow(app, visitor, await visitor.send(page, allowAll(page)));
    }
    const next = nextOf(page);
    if (next !== null) return new URL(next);
    const fields = [...page.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
    const body = new URLSearchParams(
      Object.fromEntries(fields.map(([, name = '', value = '']) => [name, value])),
    );
    return new Request(CALLBACK, { method: 'POST', body });
  }

  describe('openid-client', () => {
    let config: oidc.Configuration;
    before(async () => {
      config = await discover();
    });

    const discover = () =>
      oidc.discovery(
        new URL(app.config.issuer),
        'web',
        { client_secret: WEB_SECRET, authorization_signed_response_alg: 'ES256' },
        oidc.ClientSecretBasic(WEB_SECRET),
        { execute: [oidc.allowInsecureRequests] },
      );

    async function prepare(over: Record<string, string> = {}) {
      const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
      const checks = {
        pkceCodeVerifier,
        expectedState: oidc.randomState(),
        expectedNonce: oidc.randomNonce(),
      };
      const parameters = {
        redirect_uri: CALLBACK,
        scope: 'openid email',
        code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
        state: checks.expectedState,
        nonce: checks.expectedNonce,
        ...over,
      };
      return { checks, parameters };
    }

    for (const response_mode of ['query', 'form_post']) {
      it(`runs the code flow with response_mode=${response_mode}`, async () => {
        const { visitor, person } = await signedInVisitor(app);
        const { checks, parameters } = await prepare({ response_mode });
        const answer = await browse(visitor, oidc.buildAuthorizationUrl(config, parameters));
        const tokens = await oidc.authorizationCodeGrant(config, answer, checks);
        expect(tokens.claims()).to.include({ sub: person.id, email: person.email });
      });
    }

    it('pushes its request (PAR)', async () => {
      const { visitor, person } = await signedInVisitor(app);
      const { checks, parameters } = await prepare();
      const url = await oidc.buildAuthorizationUrlWithPAR(config, parameters);
      expect([...url.searchParams.keys()]).to.have.members(['client_id', 'request_uri']);
      const tokens = await oidc.authorizationCodeGrant(config, await browse(visitor, url), checks);
      expect(tokens.claims()?.sub).to.equal(person.id);
    });

    it('binds the code to the key of the proof that it was pushed with (RFC 9449 §10.1)', async () => {
      const { visitor } = await signedInVisitor(app);
      const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'));
      const other = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'));
      for (const [proof, isGood] of [
        [other, false],
        [undefined, false],
        [DPoP, true],
      ] as const) {
        const { checks, parameters } = await prepare();
        const url = await oidc.buildAuthorizationUrlWithPAR(config, parameters, { DPoP });
        const answer = await browse(visitor, url);
        const options = proof ? { DPoP: proof } : {};
        const tokens = await oidc
          .authorizationCodeGrant(config, answer, checks, undefined, options)
          .catch((error: { error?: string }) => error.error);
        if (isGood) expect(tokens).to.include({ token_type: 'dpop' });
        else expect(tokens).to.equal('invalid_grant');
      }
      const { parameters } = await prepare({ dpop_jkt: 'a'.repeat(43) });
      const mixed = await oidc
        .buildAuthorizationUrlWithPAR(config, parameters, { DPoP })
        .catch((error: { error?: string }) => error.error);
      expect(mixed).to.equal('invalid_request');
    });

    it('signs its request (JAR), also a pushed one', async () => {
      const { visitor, person } = await signedInVisitor(app);
      const { checks, parameters } = await prepare();
      const key = { key: signer.privateKey, kid: 'k1' };
      const url = await oidc.buildAuthorizationUrlWithJAR(config, parameters, key);
      expect([...url.searchParams.keys()]).to.have.members(['client_id', 'request']);
      const tokens = await oidc.authorizationCodeGrant(config, await browse(visitor, url), checks);
      expect(tokens.claims()?.sub).to.equal(person.id);

      const signed = await prepare();
      const jar = await oidc.buildAuthorizationUrlWithJAR(config, signed.parameters, key);
      const pushed = await oidc.buildAuthorizationUrlWithPAR(config, jar.searchParams);
      const again = await oidc.authorizationCodeGrant(config, await browse(visitor, pushed), signed.checks);
      expect(again.claims()?.sub).to.equal(person.id);
    });

    it('takes a signed answer (JARM)', async () => {
      const jarm = await discover();
      oidc.useJwtResponseMode(jarm);
      const { visitor, person } = await signedInVisitor(app);
      const { checks, parameters } = await prepare();
      const answer = await browse(visitor, oidc.buildAuthorizationUrl(jarm, parameters));
      expect([...(answer as URL).searchParams.keys()]).to.deep.equal(['response']);
      const tokens = await oidc.authorizationCodeGrant(jarm, answer, checks);
      expect(tokens.claims()?.sub).to.equal(person.id);
    });

    it('asks for claims by name, and for a resource', async () => {
      const { visitor, person } = await signedInVisitor(app);
      const claims = JSON.stringify({ id_token: { email: { essential: true } } });
      const named = await prepare({ scope: 'openid', claims });
      const url = oidc.buildAuthorizationUrl(config, named.parameters);
      const tokens = await oidc.authorizationCodeGrant(config, await browse(visitor, url), named.checks);
      expect(tokens.claims()?.['email']).to.equal(person.email);

      const aimed = await prepare({ scope: 'openid orders:read', resource: ORDERS });
      const there = oidc.buildAuthorizationUrl(config, aimed.parameters);
      const given = await oidc.authorizationCodeGrant(config, await browse(visitor, there), aimed.checks);
      expect(given.scope).to.include('orders:read');
    });

    it('notices an answer that another issuer sent (RFC 9207)', async () => {
      const { visitor } = await signedInVisitor(app);
      const { checks, parameters } = await prepare();
      const answer = (await browse(visitor, oidc.buildAuthorizationUrl(config, parameters))) as URL;
      answer.searchParams.set('iss', 'https://evil.example');
      const refused = await oidc
        .authorizationCodeGrant(config, answer, checks)
        .catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(Error);
      expect(String((refused as { code?: string }).code)).to.match(/^OAUTH_/);
    });
  });

  describe('oauth4webapi', () => {
    const client: oauth.Client = { client_id: 'web' };
    const authentication = oauth.ClientSecretBasic(WEB_SECRET);
    let server: oauth.AuthorizationServer;
    before(async () => {
      server = await discover(app, { algorithm: 'oauth2' });
    });

    async function parametersOf(verifier: string, over: Record<string, string> = {}) {
      return new URLSearchParams({
        client_id: 'web',
        redirect_uri: CALLBACK,
        response_type: 'code',
        scope: 'openid email',
        state: 'state-2',
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...over,
      });
    }

    async function redeem(callback: URLSearchParams, verifier: string) {
      const answer = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        authentication,
        callback,
        CALLBACK,
        verifier,
        insecure,
      );
      return oauth.processAuthorizationCodeResponse(server, client, answer);
    }

    it('pushes a signed request, and reads a signed answer', async () => {
      const { visitor, person } = await signedInVisitor(app);
      const verifier = oauth.generateRandomCodeVerifier();
      const parameters = await parametersOf(verifier, { response_mode: 'jwt' });
      const request = await oauth.issueRequestObject(server, client, parameters, {
        key: signer.privateKey,
        kid: 'k1',
      });
      const answer = await oauth.pushedAuthorizationRequest(
        server,
        client,
        authentication,
        { request },
        insecure,
      );
      const { request_uri } = await oauth.processPushedAuthorizationResponse(server, client, answer);
      const url = new URL(server.authorization_endpoint ?? '');
      url.search = new URLSearchParams({ client_id: 'web', request_uri }).toString();
      const callback = (await browse(visitor, url)) as URL;
      const read = await oauth.validateJwtAuthResponse(
        server,
        { ...client, authorization_signed_response_alg: 'ES256' },
        callback,
        'state-2',
        insecure,
      );
      const tokens = await redeem(read, verifier);
      expect(oauth.getValidatedIdTokenClaims(tokens)?.sub).to.equal(person.id);
    });

    it('refuses an answer whose state is another (state fixation)', async () => {
      const { visitor } = await signedInVisitor(app);
      const verifier = oauth.generateRandomCodeVerifier();
      const url = new URL(server.authorization_endpoint ?? '');
      url.search = (await parametersOf(verifier)).toString();
      const callback = (await browse(visitor, url)) as URL;
      expect(() => oauth.validateAuthResponse(server, client, callback, 'of another browser')).to.throw(
        /state/,
      );
      const read = oauth.validateAuthResponse(server, client, callback, 'state-2');
      expect((await redeem(read, verifier)).access_token).to.be.a('string');
    });
  });
});
