import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import * as oauth from 'oauth4webapi';
import type { TestApp } from '../../support/app.js';
import { discover, skewOf } from '../clients/discover.js';
import {
  ASSERTION_TYPE,
  asserted,
  assertionOf,
  change,
  type Holder,
  makeHolder,
  startParties,
} from './parties.js';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('private_key_jwt', () => {
  let app: TestApp;
  let holder: Holder;
  before(async () => {
    app = await startParties({ outbound: { allowPrivateNetworks: true } });
    holder = await makeHolder();
    await register();
  });
  after(() => app.close());

  const register = (fields: Record<string, unknown> = {}) =>
    change(app, 'machine', {
      tokenEndpointAuthMethod: 'private_key_jwt',
      jwks: { keys: [{ ...holder.publicJwk, kid: 'k1', alg: 'ES256', use: 'sig' }] },
      jwksUri: null,
      ...fields,
    });
  const post = (path: string, form: Record<string, string>) => app.rest(path, { form });
  const request = (assertion: string, over: Record<string, string> = {}) =>
    post('/oauth/token', {
      grant_type: 'client_credentials',
      scope: 'account',
      ...asserted(assertion),
      ...over,
    });
  const make = (over: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
    assertionOf(app, 'machine', holder, over, header);
  const now = () => Math.floor(app.clock().getTime() / 1000);

  for (const audience of ['', '/oauth/token']) {
    it(`proves a client by an assertion for the issuer's address${audience} (RFC 7523 §3)`, async () => {
      const answer = await request(await make({ aud: `${app.config.issuer}${audience}` }));
      expect(answer.status, answer.text).to.equal(200);
      expect(answer.body.token_type).to.equal('Bearer');
    });
  }

  it('proves a client at revocation, introspection, PAR and device authorization as well', async () => {
    const { access_token: token } = (await request(await make())).body;
    const introspected = await post('/oauth/introspect', { token, ...asserted(await make()) });
    expect(introspected.body).to.include({ active: true, client_id: 'machine' });
    expect((await post('/oauth/revoke', { token, ...asserted(await make()) })).status).to.equal(200);
    const aud = `${app.config.issuer}/oauth/par`;
    const pushed = await post('/oauth/par', {
      ...asserted(await make({ aud })),
      response_type: 'code',
      redirect_uri: 'https://machine.example/callback',
      scope: 'openid',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    });
    expect(pushed.status, pushed.text).to.equal(201);
    const device = await post('/oauth/device_authorization', asserted(await make()));
    expect(device.body.error, device.text).to.not.equal('invalid_client');
  });

  it('takes assertions for the issuer, the token endpoint and the endpoint itself at pushed requests (RFC 9126 §2)', async () => {
    const pushed = {
      response_type: 'code',
      redirect_uri: 'https://machine.example/callback',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
      scope: 'openid',
    };
    const push = async (aud: string) =>
      (
        await post('/oauth/par', {
          ...pushed,
          client_assertion_type: ASSERTION_TYPE,
          client_assertion: await assertionOf(app, 'machine', holder, { aud }, { kid: 'k1' }),
        })
      ).status;
    const { issuer } = app.config;
    for (const aud of [issuer, `${issuer}/oauth/token`, `${issuer}/oauth/par`]) {
      expect(await push(aud), aud).to.equal(201);
    }
    expect(await push(`${issuer}/oauth/introspect`)).to.equal(401);
  });

  it('understands oauth4webapi', async () => {
    const as = await discover(app);
    expect(as.token_endpoint_auth_methods_supported).to.include('private_key_jwt');
    expect(as.token_endpoint_auth_signing_alg_values_supported)
      .to.include('ES256')
      .and.to.not.include.members(['none', 'HS256']);
    const client: oauth.Client = { client_id: 'machine', ...skewOf(app) };
    const response = await oauth.clientCredentialsGrantRequest(
      as,
      client,
      oauth.PrivateKeyJwt({ key: holder.privateKey, kid: 'k1' }),
      { scope: 'account' },
      { [oauth.allowInsecureRequests]: true },
    );
    expect((await oauth.processClientCredentialsResponse(as, client, response)).access_token).to.be.a(
      'string',
    );
  });

  describe('refuses with invalid_client', () => {
    const refused = async (assertion: string, over: Record<string, string> = {}) => {
      const answer = await request(assertion, over);
      expect([answer.status, answer.body.error], answer.text).to.deep.equal([401, 'invalid_client']);
    };

    it('an assertion whose jti was seen (OpenID Connect Core §9, RFC 7523 §3)', async () => {
      const once = await make();
      expect((await request(once)).status).to.equal(200);
      await refused(once);
      const jti = 'chosen-by-the-client';
      expect((await request(await make({ jti }))).status).to.equal(200);
      await refused(await make({ jti }));
    });

    const FAULTS: [string, () => Record<string, unknown>][] = [
      ['another audience', () => ({ aud: 'https://elsewhere.example' })],
      ['an audience beside ours', () => ({ aud: [app.config.issuer, 'https://elsewhere.example'] })],
      ['no audience', () => ({ aud: undefined })],
      ['an empty list of audiences', () => ({ aud: [] })],
      ['the audience of an access token resource', () => ({ aud: `${app.config.issuer}/graphql` })],
      ['another issuer', () => ({ iss: 'spa' })],
      ['no issuer', () => ({ iss: undefined })],
      ['the subject of another client', () => ({ sub: 'spa' })],
      ['an end in the past', () => ({ exp: now() - 31 })],
      ['no end', () => ({ exp: undefined })],
      ['an end far away', () => ({ exp: now() + 7200 })],
      ['a beginning in the future', () => ({ nbf: now() + 60 })],
      ['an issue in the future', () => ({ iat: now() + 60 })],
      ['no jti', () => ({ jti: undefined })],
      ['an empty jti', () => ({ jti: '' })],
      ['a jti that is no text', () => ({ jti: { $ne: null } })],
    ];
    for (const [title, over] of FAULTS) {
      it(`an assertion with ${title}`, async () => refused(await make(over())));
    }

    for (const typ of ['at+jwt', 'dpop+jwt', 'oauth-authz-req+jwt', 'logout+jwt', 'secevent+jwt']) {
      it(`a JWT of the type ${typ}, signed by the client itself (RFC 8725 §3.11)`, async () =>
        refused(await make({}, { typ })));
    }

    it('the signature of somebody else', async () => {
      await refused(await assertionOf(app, 'machine', await makeHolder(), {}, { kid: 'k1' }));
    });

    it('an unsigned assertion, and one under an HMAC of a public value', async () => {
      const [, body = ''] = (await make()).split('.');
      await refused(`${encode({ alg: 'none' })}.${body}.`);
      for (const secret of [JSON.stringify(holder.publicJwk), '', 'machine-secret-0123456789-abcdefg']) {
        const input = `${encode({ alg: 'HS256', kid: 'k1' })}.${body}`;
        await refused(`${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`);
      }
    });

    it('an access token or an ID token of ours, although we signed it', async () => {
      const ours = (typ: string) =>
        app.deps.keys.sign(
          {
            iss: 'machine',
            sub: 'machine',
            aud: app.config.issuer,
            exp: now() + 60,
            iat: now(),
            jti: `ours-${typ}`,
          },
          { typ },
        );
      await refused(await ours('at+jwt'));
      await refused(await ours('JWT'));
      const { access_token: token } = (await request(await make())).body;
      await refused(token);
    });

    it('an assertion for another client_id than it names', async () => {
      await refused(await make(), { client_id: 'spa' });
    });

    it('garbage', async () => {
      for (const garbage of [
        'x',
        '..',
        'a.b.c',
        `${encode({ alg: 'ES256' })}.${encode({})}.x`,
        'x'.repeat(9000),
      ]) {
        await refused(garbage);
      }
    });

    it('its own name or its old secret in place of an assertion', async () => {
      const form = { grant_type: 'client_credentials', client_id: 'machine' };
      const forms: Record<string, string>[] = [{}, { client_secret: 'machine-secret-0123456789-abcdefg' }];
      for (const over of forms) {
        expect((await post('/oauth/token', { ...form, ...over })).body.error).to.equal('invalid_client');
      }
    });

    it('an assertion of a client that authenticates otherwise', async () => {
      await change(app, 'machine', { tokenEndpointAuthMethod: 'client_secret_basic' });
      await refused(await make());
      await register();
    });
  });

  it('refuses a second way of authentication, and an assertion of another type', async () => {
    const assertion = await make();
    const twice = await request(assertion, { client_secret: 'x' });
    expect([twice.status, twice.body.error]).to.deep.equal([400, 'invalid_request']);
    const saml = await request(assertion, {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer',
    });
    expect([saml.status, saml.body.error]).to.deep.equal([400, 'invalid_request']);
    const bare = await post('/oauth/token', {
      grant_type: 'client_credentials',
      client_assertion_type: ASSERTION_TYPE,
    });
    expect(bare.body.error).to.equal('invalid_request');
  });

  it('fetches the keys of a jwks_uri, keeps them, and looks again for a key that is not among them', async () => {
    let asked = 0;
    let keys: object[] = [];
    const server = createServer((_incoming, reply) => {
      asked += 1;
      reply.setHeader('content-type', 'application/json');
      reply.end(JSON.stringify({ keys }));
    });
    await new Promise<void>((listening) => {
      server.listen(0, '127.0.0.1', listening);
    });
    try {
      const next = await makeHolder();
      keys = [{ ...holder.publicJwk, kid: 'old' }];
      const jwksUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
      await register({ jwks: null, jwksUri });
      expect((await request(await make({}, { kid: 'old' }))).status).to.equal(200);
      expect((await request(await make({}, { kid: 'old' }))).status).to.equal(200);
      expect(asked).to.equal(1);
      keys = [{ ...next.publicJwk, kid: 'new' }];
      const renewed = () => assertionOf(app, 'machine', next, {}, { kid: 'new' });
      expect((await request(await renewed())).status).to.equal(200);
      expect(asked).to.equal(2);
      // A kid that is nowhere costs a look only now and then.
      for (let turn = 0; turn < 5; turn += 1) {
        expect((await request(await make({}, { kid: `forged-${turn}` }))).status).to.equal(401);
      }
      expect(asked).to.equal(2);
    } finally {
      server.close();
      await register();
    }
  });

  it('answers that it should try again while the keys cannot be fetched: it may be the client all the same', async () => {
    await register({ jwks: null, jwksUri: 'http://127.0.0.1:9/keys' });
    const { status, body } = await request(await make());
    expect([status, body.error]).to.deep.equal([503, 'temporarily_unavailable']);
    await register();
  });

  it('asks a server that fails only now and then, however often strangers name its client', async () => {
    let asked = 0;
    const server = createServer((_incoming, reply) => {
      asked += 1;
      reply.statusCode = 500;
      reply.end();
    });
    await new Promise<void>((listening) => {
      server.listen(0, '127.0.0.1', listening);
    });
    try {
      const jwksUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
      await register({ jwks: null, jwksUri });
      for (let turn = 0; turn < 5; turn += 1) expect((await request(await make())).status).to.equal(503);
      expect(asked).to.equal(1);
      app.clock.advance(6);
      expect((await request(await make())).status).to.equal(503);
      expect(asked).to.equal(2);
    } finally {
      server.close();
      await register();
    }
  });

  it('answers invalid_client, not an error of ours, where the keys are none', async () => {
    await register({ jwks: { keys: 'nonsense' } });
    expect((await request(await make())).body.error).to.equal('invalid_client');
    await register();
  });

  it('takes RSA and Edwards keys', async () => {
    for (const alg of ['RS256', 'PS256', 'EdDSA']) {
      const other = await makeHolder(alg);
      await register({ jwks: { keys: [other.publicJwk] } });
      const answer = await request(await assertionOf(app, 'machine', other, {}, { alg }));
      expect(answer.status, `${alg} ${answer.text}`).to.equal(200);
    }
    await register();
  });
});
