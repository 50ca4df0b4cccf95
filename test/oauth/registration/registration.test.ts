import { expect } from 'chai';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { startApp, type TestApp } from '../../support/app.js';
import { type Outside, startOutside } from '../../support/outside.js';
import { discover, insecure } from '../clients/discover.js';

const APP = { client_name: 'Notes', redirect_uris: ['https://notes.example/callback'] };

describe('dynamic registration', () => {
  let app: TestApp;
  let outside: Outside;

  before(async () => {
    outside = await startOutside();
    app = await startApp({
      ...outside.config,
      registration: { mode: 'open', scopes: ['openid', 'profile'] },
    });
  });
  after(async () => {
    await app.close();
    await outside.close();
  });

  const register = (metadata: object = {}) => app.rest('/oauth/register', { body: { ...APP, ...metadata } });
  const manage = (path: string, token: string, method = 'GET', body?: object) =>
    app.rest(new URL(path).pathname, { method, token, ...(body && { body }) });
  const registered = async (metadata: object = {}) => (await register(metadata)).body;
  const stored = (id: string) => app.deps.models.clients.findOne({ _id: id }).lean();

  it('answers 201 with all that is registered, and defaults for the rest (RFC 7591 §3.2.1)', async () => {
    const { status, body, headers } = await register();
    expect(status).to.equal(201);
    expect(headers.get('cache-control')).to.equal('no-store');
    expect(body).to.deep.include({
      ...APP,
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      scope: 'openid profile',
      client_secret_expires_at: 0,
      subject_type: 'public',
      registration_client_uri: `${app.url}/oauth/register/${body.client_id}`,
    });
    expect(body.client_secret).to.match(/^[\w-]{43}$/);
    expect(body.registration_access_token).to.match(/^[\w-]{43}$/);
    const event = await app.deps.models.auditEvents.findOne({
      action: 'client.create',
      objectId: body.client_id,
    });
    expect(event).not.to.equal(null);
  });

  it('keeps secret and registration access token as digests', async () => {
    const { client_id, client_secret, registration_access_token } = await registered();
    const document = await app.deps.models.clients
      .findOne({ _id: client_id })
      .select('+secrets +registrationTokenHash')
      .lean();
    expect(document?.registrationTokenHash).to.match(/^[\w-]{43}$/);
    const text = JSON.stringify(document);
    expect(text).not.to.contain(client_secret);
    expect(text).not.to.contain(registration_access_token);
  });

  it('gives a client that works at the token endpoint, by its secret', async () => {
    const { client_id, client_secret } = await registered();
    const form = {
      grant_type: 'authorization_code',
      code: 'x',
      redirect_uri: 'https://notes.example/callback',
    };
    const good = await app.rest('/oauth/token', { form, basic: [client_id, client_secret] });
    expect(good.body.error).not.to.equal('invalid_client');
    const bad = await app.rest('/oauth/token', { form, basic: [client_id, 'wrong'] });
    expect(bad.body.error).to.equal('invalid_client');
  });

  it('never gives trust, roles, lifetimes or networks, whatever is asked for', async () => {
    const { client_id } = await registered({
      first_party: true,
      firstParty: true,
      roles: ['admin'],
      access_token_ttl_seconds: 1,
      accessTokenTtlSeconds: 1,
      owner_id: 'somebody',
      declared: true,
    });
    expect(await stored(client_id)).to.deep.include({
      firstParty: false,
      roles: [],
      declared: false,
      dynamicallyRegistered: true,
    });
    expect(await stored(client_id)).not.to.have.any.keys('accessTokenTtlSeconds', 'ownerId');
  });

  it('stays without trust and roles when an administrator edits the client', async () => {
    const { client_id } = await registered();
    const { data } = await app.graphql(
      `mutation ($input: UpdateClientInput!) { updateClient(input: $input) { userErrors { path } } }`,
      { input: { id: `Client:${client_id}`, firstParty: true } },
      { token: await app.adminToken() },
    );
    expect(data?.updateClient?.userErrors[0]?.path).to.deep.equal(['input', 'firstParty']);
  });

  for (const [what, error, metadata] of [
    ['a redirect URI with a fragment', 'invalid_redirect_uri', { redirect_uris: ['https://a.example/#x'] }],
    ['a redirect URI over plain http', 'invalid_redirect_uri', { redirect_uris: ['http://a.example/'] }],
    ['a javascript redirect URI', 'invalid_redirect_uri', { redirect_uris: ['javascript:alert(1)'] }],
    ['no redirect URI', 'invalid_redirect_uri', { redirect_uris: [] }],
    ['a list that is none', 'invalid_client_metadata', { redirect_uris: 'https://a.example/' }],
    ['a scope outside the configured list', 'invalid_client_metadata', { scope: 'openid users:write' }],
    ['the password grant', 'invalid_client_metadata', { grant_types: ['password'] }],
    [
      'token exchange',
      'invalid_client_metadata',
      { grant_types: ['urn:ietf:params:oauth:grant-type:token-exchange'] },
    ],
    ['the implicit flow', 'invalid_client_metadata', { response_types: ['token'] }],
    ['response types that do not fit the grants', 'invalid_client_metadata', { response_types: [] }],
    [
      'an unknown way of authentication',
      'invalid_client_metadata',
      { token_endpoint_auth_method: 'client_secret_jwt' },
    ],
    [
      'private_key_jwt without keys',
      'invalid_client_metadata',
      { token_endpoint_auth_method: 'private_key_jwt' },
    ],
    ['a software statement', 'unapproved_software_statement', { software_statement: 'e30.e30.e30' }],
    ['a Mongo operator for a name', 'invalid_client_metadata', { client_name: { $ne: null } }],
    ['ID tokens without signature', 'invalid_client_metadata', { id_token_signed_response_alg: 'none' }],
    [
      'a sector on a private address',
      'invalid_client_metadata',
      { sector_identifier_uri: 'https://10.0.0.1/' },
    ],
  ] as const) {
    it(`refuses ${what} as ${error}`, async () => {
      const { status, body } = await register(metadata);
      expect([status, body.error]).to.deep.equal([400, error]);
    });
  }

  it('refuses what is no JSON object, and other methods', async () => {
    expect((await app.rest('/oauth/register', { form: { client_name: 'x' } })).body.error).to.equal(
      'invalid_request',
    );
    expect((await app.rest('/oauth/register', { body: [] })).body.error).to.equal('invalid_request');
    expect((await app.rest('/oauth/register')).status).to.equal(405);
  });

  it('takes a sector that lists the redirect URIs, fetched here (OpenID Connect Registration §5)', async () => {
    outside.answer((_one, response) => response.end(JSON.stringify(APP.redirect_uris)));
    const sector = { subject_type: 'pairwise', sector_identifier_uri: `${outside.url}/sector.json` };
    expect(await registered(sector)).to.deep.include(sector);
    outside.answer((_one, response) => response.end('[]'));
    expect((await register(sector)).body.error).to.equal('invalid_client_metadata');
  });

  it('lets the holder of the registration access token read, and nobody else (RFC 7592 §2.1)', async () => {
    const mine = await registered();
    const other = await registered();
    const read = await manage(mine.registration_client_uri, mine.registration_access_token);
    expect(read.status).to.equal(200);
    expect(read.body).to.deep.include({ client_id: mine.client_id, ...APP });
    expect(read.body).not.to.have.property('client_secret');
    for (const token of [other.registration_access_token, mine.client_secret, 'x']) {
      const refused = await manage(mine.registration_client_uri, token);
      expect([refused.status, refused.body.error]).to.deep.equal([401, 'invalid_token']);
      expect(refused.headers.get('www-authenticate')).to.contain('error="invalid_token"');
    }
    const none = await app.rest(`/oauth/register/${mine.client_id}`);
    expect([none.status, none.headers.get('www-authenticate')]).to.deep.equal([
      401,
      'Bearer realm="fieldgate"',
    ]);
    const unknown = await manage(`${app.url}/oauth/register/nobody`, mine.registration_access_token);
    expect(unknown.status).to.equal(401);
  });

  it('replaces the metadata as a whole and the token with it (RFC 7592 §2.2, §3)', async () => {
    const { client_id, client_secret, registration_client_uri, registration_access_token } = await registered(
      {
        logo_uri: 'https://notes.example/logo.png',
        contacts: ['a@notes.example'],
      },
    );
    const next = { ...APP, client_id, client_secret, client_name: 'Notes 2' };
    const put = await manage(registration_client_uri, registration_access_token, 'PUT', next);
    expect(put.status, put.text).to.equal(200);
    expect(put.body).to.deep.include({ client_name: 'Notes 2', contacts: [] });
    expect(put.body).not.to.have.property('logo_uri');
    expect(put.body.registration_access_token).not.to.equal(registration_access_token);
    expect((await manage(registration_client_uri, registration_access_token)).status).to.equal(401);
    expect((await manage(registration_client_uri, put.body.registration_access_token)).status).to.equal(200);
  });

  it('refuses to replace with what is not the client’s to say, and keeps the token', async () => {
    const { client_id, registration_client_uri: uri, registration_access_token: token } = await registered();
    for (const [error, over] of [
      ['invalid_request', { client_id: 'another' }],
      ['invalid_request', { client_secret: 'wrong' }],
      ['invalid_request', { registration_access_token: token }],
      ['invalid_client_metadata', { token_endpoint_auth_method: 'none' }],
      ['invalid_client_metadata', { scope: 'users:write' }],
      ['invalid_redirect_uri', { redirect_uris: ['http://a.example/'] }],
    ] as const) {
      const put = await manage(uri, token, 'PUT', { ...APP, client_id, ...over });
      expect([put.status, put.body.error], JSON.stringify(over)).to.deep.equal([400, error]);
    }
    expect((await manage(uri, token)).status).to.equal(200);
  });

  it('removes the client (RFC 7592 §2.3)', async () => {
    const { client_id, registration_client_uri: uri, registration_access_token: token } = await registered();
    expect((await manage(uri, token, 'DELETE')).status).to.equal(204);
    expect(await stored(client_id)).to.equal(null);
    expect((await manage(uri, token)).status).to.equal(401);
  });

  it('lets one of two replacements with one token win', async () => {
    const { client_id, registration_client_uri: uri, registration_access_token: token } = await registered();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        manage(uri, token, 'PUT', { ...APP, client_id, client_name: `N${i}` }),
      ),
    );
    const won = answers.filter(({ status }) => status === 200);
    expect(won).to.have.lengthOf(1);
    expect((await manage(uri, won[0]?.body.registration_access_token)).status).to.equal(200);
  });

  it('is discovered, and works with openid-client', async () => {
    const config = await client.dynamicClientRegistration(new URL(app.url), { ...APP }, undefined, {
      execute: [client.allowInsecureRequests],
    });
    expect(config.serverMetadata().registration_endpoint).to.equal(`${app.url}/oauth/register`);
    expect(config.clientMetadata().client_secret).to.be.a('string');
  });

  it('works with oauth4webapi', async () => {
    const server = await discover(app);
    const response = await oauth.dynamicClientRegistrationRequest(
      server,
      { ...APP, token_endpoint_auth_method: 'none' },
      insecure,
    );
    const made = await oauth.processDynamicClientRegistrationResponse(response);
    expect(made.client_id).to.be.a('string');
    expect(made.client_secret).to.equal(undefined);
  });
});

describe('dynamic registration, limited and off', () => {
  it('counts attempts per address', async () => {
    const app = await startApp({
      registration: { mode: 'open' },
      rateLimits: { enabled: true, registration: { max: 2 } },
    });
    try {
      const statuses = [];
      for (let i = 0; i < 3; i++) statuses.push((await app.rest('/oauth/register', { body: APP })).status);
      expect(statuses).to.deep.equal([201, 201, 429]);
    } finally {
      await app.close();
    }
  });

  it('is neither there nor discovered unless it is switched on', async () => {
    const app = await startApp();
    try {
      expect((await app.rest('/oauth/register', { body: APP })).status).to.equal(404);
      expect((await app.rest('/oauth/register/x')).status).to.equal(404);
      const { body } = await app.rest('/.well-known/openid-configuration');
      expect(body).not.to.have.property('registration_endpoint');
    } finally {
      await app.close();
    }
  });
});
