import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { expect } from 'chai';
import { CompactEncrypt, generateKeyPair, type JWTPayload } from 'jose';
import { createVisitor } from '../../pages/visitor.js';
import type { TestApp } from '../../support/app.js';
import { freePort } from '../../support/freePort.js';
import {
  answerOf,
  authorize,
  authorizePath,
  CALLBACK,
  nextOf,
  parametersOf,
  redeem,
  requestOf,
  signedInVisitor,
  startFlows,
} from './flow.js';
import { push, pushedPath } from './push.js';
import { type Signer, signerOf } from './signer.js';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('request objects (RFC 9101)', () => {
  let app: TestApp;
  let signer: Signer;
  before(async () => {
    app = await startFlows();
    signer = await signerOf(app);
  });
  after(() => app.close());

  const pathOf = (request: string, over: Record<string, string> = {}) =>
    authorizePath({ client_id: 'web', request, ...over });

  /** What the client is told where the only proven address stands beside the object. */
  async function errorOf(request: string): Promise<string | null> {
    const answer = await createVisitor(app).open(
      pathOf(request, { redirect_uri: CALLBACK, state: 'beside' }),
    );
    expect(answerOf(answer).get('state')).to.equal('beside');
    return answerOf(answer).get('error');
  }

  it('takes a request as a JWT that the client has signed (RFC 9101 §5.1)', async () => {
    const { visitor } = await signedInVisitor(app);
    const { parameters, verifier } = parametersOf();
    const answer = await authorize(app, visitor, pathOf(await signer.sign(parameters)));
    expect([answer.get('state'), answer.get('iss')]).to.deep.equal(['state-1', app.config.issuer]);
    expect((await redeem(app, answer.get('code'), verifier)).body.scope).to.equal('openid email');
  });

  it('takes typ oauth-authz-req+jwt, JWT and none (RFC 9101 §10.8)', async () => {
    const { parameters } = parametersOf({ prompt: 'none' });
    for (const typ of ['oauth-authz-req+jwt', 'application/oauth-authz-req+jwt', 'JWT', undefined]) {
      const answer = await createVisitor(app).open(pathOf(await signer.sign(parameters, { typ })));
      expect(answerOf(answer).get('error'), typ).to.equal('login_required');
    }
  });

  it('takes every algorithm that discovery names for clients', async () => {
    const { body } = await app.rest('/.well-known/openid-configuration');
    for (const alg of body.request_object_signing_alg_values_supported) {
      const other = await signerOf(app, 'other', alg);
      const { parameters } = parametersOf({ client_id: 'other', prompt: 'none' });
      const path = authorizePath({ client_id: 'other', request: await other.sign(parameters) });
      const answer = answerOf(await createVisitor(app).open(path));
      expect(answer.get('error'), alg).to.equal('login_required');
    }
  });

  it('takes JSON where a parameter is JSON', async () => {
    const { parameters } = parametersOf({ prompt: 'none' });
    const claims = { id_token: { email: { essential: true } } };
    const request = await signer.sign({ ...parameters, max_age: 600, claims });
    expect(answerOf(await createVisitor(app).open(pathOf(request))).get('error')).to.equal('login_required');
    for (const wrong of [{ scope: ['openid'] }, { state: { a: 1 } }, { nonce: 'a\0b' }] as JWTPayload[]) {
      expect(await errorOf(await signer.sign({ ...parameters, ...wrong }))).to.equal(
        'invalid_request_object',
      );
    }
  });

  it('uses no parameter that stands beside the object (RFC 9101 §6.3)', async () => {
    const { visitor } = await signedInVisitor(app);
    const { parameters, verifier } = parametersOf({ scope: 'openid' });
    const path = pathOf(await signer.sign(parameters), {
      scope: 'openid email account',
      redirect_uri: 'https://app.example/second?tenant=1',
      state: 'forged',
      response_mode: 'fragment',
      login_hint: 'mallory',
    });
    const answer = await authorize(app, visitor, path);
    expect(answer.get('state')).to.equal('state-1');
    expect((await redeem(app, answer.get('code'), verifier)).body.scope).to.equal('openid');
    // Nor to fill a gap.
    const { state: _left, ...without } = parametersOf({ prompt: 'none' }).parameters;
    const told = answerOf(await createVisitor(app).open(pathOf(await signer.sign(without), { state: 'x' })));
    expect(told.has('state')).to.equal(false);
  });

  it('refuses a redirect URI inside that is not registered, wherever the one beside it leads', async () => {
    const { parameters } = parametersOf({ redirect_uri: 'https://evil.example/' });
    const answer = await createVisitor(app).open(
      pathOf(await signer.sign(parameters), { redirect_uri: CALLBACK }),
    );
    expect([answer.status, nextOf(answer)]).to.deep.equal([400, null]);
  });

  it('sends nobody to an unregistered address beside a broken object', async () => {
    const answer = await createVisitor(app).open(pathOf('x.y.z', { redirect_uri: 'https://evil.example/' }));
    expect([answer.status, nextOf(answer)]).to.deep.equal([400, null]);
  });

  it('refuses what the client has not signed for this server, now (RFC 9101 §6.2, §10.2)', async () => {
    const { parameters } = parametersOf();
    const now = Math.floor(app.clock().getTime() / 1000);
    const stranger = await generateKeyPair('ES256');
    const { SignJWT } = await import('jose');
    const header = { alg: 'ES256', typ: 'oauth-authz-req+jwt', kid: 'k1' };
    const good = await signer.sign(parameters);
    const [head = '', body = '', signature = ''] = good.split('.');
    const hmacInput = `${encode({ ...header, alg: 'HS256' })}.${body}`;
    const hmac = createHmac('sha256', JSON.stringify(signer.jwks.keys[0])).update(hmacInput);
    const cases: [string, string][] = [
      ['garbage', 'garbage'],
      ['alg none', `${encode({ alg: 'none' })}.${body}.`],
      ['alg None with the signature', `${encode({ alg: 'None' })}.${body}.${signature}`],
      ['HS256 with the public key', `${hmacInput}.${hmac.digest('base64url')}`],
      ['a changed claim', `${head}.${encode({ ...parameters, iss: 'web', scope: 'account' })}.${signature}`],
      ['no signature', `${head}.${body}.`],
      [
        'another key',
        await new SignJWT({ ...parameters, iss: 'web', aud: app.config.issuer, exp: now + 60 })
          .setProtectedHeader(header)
          .sign(stranger.privateKey),
      ],
      ['an unknown critical header', `${encode({ ...header, crit: ['x'], x: 1 })}.${body}.${signature}`],
      ['another issuer', await signer.sign({ ...parameters, iss: 'other' })],
      ['no issuer', await signer.sign({ ...parameters, iss: undefined })],
      ['another audience', await signer.sign({ ...parameters, aud: 'https://another.example' })],
      ['no audience', await signer.sign({ ...parameters, aud: undefined })],
      ['an end in the past', await signer.sign({ ...parameters, exp: now - 31 })],
      ['no end', await signer.sign({ ...parameters, exp: undefined })],
      ['a beginning in the future', await signer.sign({ ...parameters, nbf: now + 60 })],
      ['another client inside', await signer.sign({ ...parameters, client_id: 'other' })],
      ['a subject, as assertions have', await signer.sign({ ...parameters, sub: 'web' })],
      ['another type', await signer.sign(parameters, { typ: 'at+jwt' })],
      ['a request inside', await signer.sign({ ...parameters, request: good })],
      ['a request_uri inside', await signer.sign({ ...parameters, request_uri: 'https://app.example/r' })],
    ];
    for (const [title, request] of cases) {
      expect(await errorOf(request), title).to.equal('invalid_request_object');
    }
  });

  it('refuses the object of another client, by whichever name', async () => {
    const other = await signerOf(app, 'other');
    const { parameters } = parametersOf({ client_id: 'other' });
    expect(await errorOf(await other.sign(parameters))).to.equal('invalid_request_object');
    expect(await errorOf(await other.sign({ ...parameters, iss: 'web', client_id: 'web' }))).to.equal(
      'invalid_request_object',
    );
  });

  it('refuses an encrypted object, clearly', async () => {
    const { publicKey } = await generateKeyPair('ECDH-ES');
    const request = await new CompactEncrypt(new TextEncoder().encode(await signer.sign({})))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', cty: 'JWT' })
      .encrypt(publicKey);
    const answer = answerOf(await createVisitor(app).open(pathOf(request, { redirect_uri: CALLBACK })));
    expect(answer.get('error')).to.equal('invalid_request_object');
    expect(answer.get('error_description')).to.include('encrypted');
  });

  it('refuses objects of a client that has registered no key', async () => {
    const house = { client_id: 'house', redirect_uri: 'https://house.example/callback' };
    const request = await signer.sign({ ...parametersOf(house).parameters, iss: 'house' });
    const answer = await createVisitor(app).open(authorizePath({ ...house, request }));
    expect(answerOf(answer).get('error')).to.equal('invalid_request_object');
  });

  it('takes a signed request at the endpoint for pushed requests too (RFC 9126 §3)', async () => {
    const { visitor } = await signedInVisitor(app);
    const { parameters, verifier } = parametersOf();
    const { status, body } = await push(app, { client_id: 'web', request: await signer.sign(parameters) });
    expect(status).to.equal(201);
    const answer = await authorize(app, visitor, pushedPath(body.request_uri));
    expect((await redeem(app, answer.get('code'), verifier)).status).to.equal(200);
    const forged = await push(app, { request: await signer.sign({ ...parameters, client_id: 'other' }) });
    expect(forged.body.error).to.equal('invalid_request_object');
  });

  it('lets a client that must sign do nothing else (RFC 9101 §10.5)', async () => {
    const set = (requireSignedRequestObject: boolean) =>
      app.deps.models.clients.updateOne({ _id: 'web' }, { $set: { requireSignedRequestObject } });
    await set(true);
    const { parameters } = parametersOf({ prompt: 'none' });
    const plain = answerOf(await createVisitor(app).open(authorizePath(parameters)));
    expect(plain.get('error')).to.equal('invalid_request');
    expect((await push(app, parameters)).body.error).to.equal('invalid_request');
    const request = await signer.sign(parameters);
    expect(answerOf(await createVisitor(app).open(pathOf(request))).get('error')).to.equal('login_required');
    const pushedSigned = await push(app, { request });
    const answer = await createVisitor(app).open(pushedPath(pushedSigned.body.request_uri));
    expect(answerOf(answer).get('error')).to.equal('login_required');
    await set(false);
  });

  it('is found in discovery, with algorithms that never include none', async () => {
    const { body } = await app.rest('/.well-known/openid-configuration');
    expect(body).to.include({ request_parameter_supported: true, request_uri_parameter_supported: false });
    const algorithms: string[] = body.request_object_signing_alg_values_supported;
    expect(algorithms).to.include.members(['RS256', 'ES256', 'PS256', 'EdDSA']);
    expect(algorithms.filter((alg) => /none|^HS/i.test(alg))).to.deep.equal([]);
  });

  describe('by reference', () => {
    let server: Server;
    let base: string;
    const seen: string[] = [];
    let served = { status: 200, text: '', headers: {} as Record<string, string> };
    before(async () => {
      const port = await freePort();
      base = `http://127.0.0.1:${port}`;
      server = createServer((request, response) => {
        seen.push(request.url ?? '');
        response.writeHead(served.status, {
          'content-type': 'application/oauth-authz-req+jwt',
          ...served.headers,
        });
        response.end(served.text);
      });
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    });
    after(() => new Promise((resolve) => server.close(resolve)));

    const refPath = (requestUri: string) =>
      authorizePath({ client_id: 'web', request_uri: requestUri, redirect_uri: CALLBACK });
    const register = (on: TestApp, requestUris: string[]) =>
      on.deps.models.clients.updateOne({ _id: 'web' }, { $set: { requestUris } });

    it('fetches nothing where the installation does not allow it, not even what is registered', async () => {
      await register(app, [`${base}/r`]);
      const answer = await createVisitor(app).open(refPath(`${base}/r`));
      expect(answerOf(answer).get('error')).to.equal('request_uri_not_supported');
      expect(seen).to.deep.equal([]);
    });

    it('fetches no address that the client has not registered, character by character (RFC 9101 §10.4)', async () => {
      const open = await startFlows({
        authorization: { fetchRequestObjects: true },
        outbound: { allowPrivateNetworks: true },
      });
      try {
        await register(open, [`${base}/r`]);
        const others = [`${base}/other`, `${base}/r/`, `${base}/r?x=1`, `${base}/r#x`, 'file:///etc/passwd'];
        for (const uri of [...others, `http://127.0.0.1:80@${base.slice(7)}/r`]) {
          const answer = await createVisitor(open).open(refPath(uri));
          expect(answerOf(answer).get('error'), uri).to.equal('invalid_request_uri');
        }
        expect(seen).to.deep.equal([]);
      } finally {
        await open.close();
      }
    });

    it('reaches no private address, also when a client has registered it (SSRF)', async () => {
      const guarded = await startFlows({ authorization: { fetchRequestObjects: true } });
      try {
        const inside = [
          `${base}/r`,
          'https://127.0.0.1/r',
          'https://[::1]/r',
          'https://169.254.169.254/latest',
          'https://2130706433/r',
        ];
        await register(guarded, inside);
        for (const uri of inside) {
          const answer = await createVisitor(guarded).open(refPath(uri));
          expect(answerOf(answer).get('error'), uri).to.equal('invalid_request_uri');
        }
        expect(seen).to.deep.equal([]);
      } finally {
        await guarded.close();
      }
    });

    it('reads a signed object from a registered address, and follows no redirect', async () => {
      const open = await startFlows({
        authorization: { fetchRequestObjects: true },
        outbound: { allowPrivateNetworks: true },
      });
      try {
        await register(open, [`${base}/r`]);
        const own = await signerOf(open);
        const { visitor } = await signedInVisitor(open);
        const { parameters, verifier } = parametersOf();
        served = { status: 200, text: await own.sign(parameters), headers: {} };
        const path = authorizePath({ client_id: 'web', request_uri: `${base}/r` });
        const answer = await authorize(open, visitor, path);
        expect((await redeem(open, answer.get('code'), verifier)).status).to.equal(200);
        const errorAt = async () => answerOf(await visitor.open(refPath(`${base}/r`))).get('error');
        served = { status: 200, text: `${encode({ alg: 'none' })}.${encode(parameters)}.`, headers: {} };
        expect(await errorAt()).to.equal('invalid_request_object');
        served = { status: 302, text: '', headers: { location: `${base}/secret` } };
        expect(await errorAt()).to.equal('invalid_request_uri');
        served = { status: 200, text: 'x'.repeat(200_000), headers: {} };
        expect(await errorAt()).to.equal('invalid_request_uri');
        expect(seen).not.to.include('/secret');
        const { body } = await open.rest('/.well-known/openid-configuration');
        expect(body).to.include({
          request_uri_parameter_supported: true,
          require_request_uri_registration: true,
        });
      } finally {
        await open.close();
      }
    });
  });

  it('answers a request without an object as ever', async () => {
    const answer = answerOf(await createVisitor(app).open(requestOf({ prompt: 'none' }).path));
    expect(answer.get('error')).to.equal('login_required');
  });
});
