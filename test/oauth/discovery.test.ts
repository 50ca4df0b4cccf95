import { expect } from 'chai';
import { createLocalJWKSet, createRemoteJWKSet, jwtVerify } from 'jose';
import { CLIENT_SIGNATURE_ALGORITHMS } from '../../src/identity/tokens/signatureAlgorithms.js';
import { type Doors, startDoors } from '../http/doors.js';

describe('discovery', () => {
  let doors: Doors;
  before(async () => {
    doors = await startDoors({ config: { issuer: 'https://id.example/tenant' } });
  });
  after(() => doors.close());

  const metadata = async (path: string) => (await (await doors.get(path)).json()) as Record<string, unknown>;

  it('names what is mounted, under both names, with and without the path of the issuer', async () => {
    const document = await metadata('/.well-known/oauth-authorization-server/tenant');
    expect(document).to.deep.include({
      issuer: 'https://id.example/tenant',
      token_endpoint: 'https://id.example/tenant/oauth/token',
      revocation_endpoint: 'https://id.example/tenant/oauth/revoke',
      introspection_endpoint: 'https://id.example/tenant/oauth/introspect',
      userinfo_endpoint: 'https://id.example/tenant/oauth/userinfo',
      jwks_uri: 'https://id.example/tenant/.well-known/jwks.json',
      token_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
        'none',
      ],
      token_endpoint_auth_signing_alg_values_supported: CLIENT_SIGNATURE_ALGORITHMS,
      dpop_signing_alg_values_supported: CLIENT_SIGNATURE_ALGORITHMS,
      introspection_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
      ],
      authorization_endpoint: 'https://id.example/tenant/oauth/authorize',
      end_session_endpoint: 'https://id.example/tenant/oauth/logout',
      response_types_supported: ['code'],
      response_modes_supported: 'query fragment form_post query.jwt fragment.jwt form_post.jwt jwt'.split(
        ' ',
      ),
      pushed_authorization_request_endpoint: 'https://id.example/tenant/oauth/par',
      require_pushed_authorization_requests: false,
      request_parameter_supported: true,
      claims_parameter_supported: true,
      code_challenge_methods_supported: ['S256'],
      prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
      authorization_response_iss_parameter_supported: true,
      request_uri_parameter_supported: false,
      subject_types_supported: ['public', 'pairwise'],
      id_token_signing_alg_values_supported: ['ES256'],
    });
    expect(document['grant_types_supported']).to.include.members([
      'authorization_code',
      'refresh_token',
      'client_credentials',
    ]);
    for (const path of [
      '/.well-known/oauth-authorization-server',
      '/.well-known/openid-configuration',
      '/tenant/.well-known/openid-configuration',
    ]) {
      expect(await metadata(path), path).to.deep.equal(document);
    }
  });

  it('answers at every address that it names, with or without the path of the issuer', async () => {
    const document = await metadata('/.well-known/openid-configuration');
    const addresses = Object.entries(document).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name));
    expect(addresses.length).to.be.above(7);
    for (const [name, address] of addresses) {
      const { pathname } = new URL(String(address));
      for (const path of [pathname, pathname.replace('/tenant', '')]) {
        const response = await fetch(`${doors.url}${path}`, { method: 'OPTIONS' });
        const get = await fetch(`${doors.url}${path}`, { redirect: 'manual' });
        // Without parameters: 400, or for a sign-out the page that asks.
        expect(get.status, `${name} ${response.status}`).to.be.oneOf([200, 303, 400, 401, 405]);
      }
    }
  });

  it('publishes keys that verify a token, and no private part', async () => {
    const tokens = await doors.tokens(await doors.user());
    const response = await doors.get('/.well-known/jwks.json');
    expect(response.headers.get('content-type')).to.equal('application/jwk-set+json; charset=utf-8');
    const text = await response.text();
    expect(text).to.not.match(/"(d|p|q|dp|dq|qi|k)":/);
    const { payload } = await jwtVerify(tokens['access_token'] ?? '', createLocalJWKSet(JSON.parse(text)), {
      issuer: 'https://id.example/tenant',
      typ: 'at+jwt',
      currentDate: doors.clock(),
    });
    expect(payload['client_id']).to.equal('service');
  });

  it('is understood by a resource server that fetches the keys', async () => {
    const tokens = await doors.tokens(await doors.user());
    const keys = createRemoteJWKSet(new URL(`${doors.url}/.well-known/jwks.json`));
    const verified = await jwtVerify(tokens['access_token'] ?? '', keys, { currentDate: doors.clock() });
    expect(verified.protectedHeader.alg).to.equal('ES256');
  });

  for (const path of ['/.well-known/jwks.json', '/.well-known/openid-configuration']) {
    it(`lets ${path} be cached, and answers 304 to its ETag`, async () => {
      const first = await doors.get(path);
      expect(first.headers.get('cache-control')).to.equal('public, max-age=300');
      const etag = first.headers.get('etag') ?? '';
      expect(etag).to.match(/^"[\w-]{43}"$/);
      for (const header of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const again = await doors.get(path, { 'if-none-match': header });
        expect(again.status, header).to.equal(304);
        expect(again.headers.get('etag')).to.equal(etag);
      }
      expect((await doors.get(path, { 'if-none-match': '"other"' })).status).to.equal(200);
    });

    it(`answers POST ${path} with 405`, async () => {
      const response = await doors.form(path, {});
      expect(response.status).to.equal(405);
      expect(response.headers.get('allow')).to.equal('GET');
    });
  }
});
