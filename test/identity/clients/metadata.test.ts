import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import { createClient, type NewClient, updateClient } from '../../../src/identity/clients/clients.js';
import { createTestDeps, ORIGIN, type TestDeps } from '../../support/deps.js';
import { type Outside, startOutside } from '../../support/outside.js';
import { refusal } from '../../support/refusal.js';

const ADMIN = { kind: 'user', id: 'an-admin' } as const;
const APP: NewClient = {
  name: 'An app',
  grantTypes: ['authorization_code'],
  redirectUris: ['https://app.example/callback'],
};

const jwk = (type: 'ec' | 'rsa', bits = 2048) =>
  type === 'ec'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('rsa', { modulusLength: bits });
const publicJwk = (type: 'ec' | 'rsa', bits?: number) => ({
  ...jwk(type, bits).publicKey.export({ format: 'jwk' }),
});
const JWKS = { keys: [{ ...publicJwk('ec'), kid: 'a', use: 'sig', alg: 'ES256' }] };

describe('the metadata of a client', () => {
  let test: TestDeps;
  let outside: Outside;

  before(async () => {
    outside = await startOutside();
    test = await createTestDeps({
      config: {
        ...outside.config,
        tokens: { additionalAlgorithms: ['RS256'] },
        authorizationDetailsTypes: [{ type: 'payment', description: 'Pay' }],
      },
    });
  });
  after(async () => {
    await test.close();
    await outside.close();
  });

  const create = (over: Partial<NewClient>) => createClient(test.deps, { ...APP, ...over }, ADMIN, ORIGIN);

  const GOOD: Record<string, Partial<NewClient>> = {
    'keys by value for private_key_jwt': { tokenEndpointAuthMethod: 'private_key_jwt', jwks: JWKS },
    'keys by address': { tokenEndpointAuthMethod: 'private_key_jwt', jwksUri: 'https://app.example/jwks' },
    'one name of a certificate': {
      tokenEndpointAuthMethod: 'tls_client_auth',
      tlsClientAuthSubjectDn: 'CN=app',
    },
    'an algorithm of the installation': { idTokenSignedResponseAlg: 'RS256' },
    'a known type of details': { authorizationDetailsTypes: ['payment'] },
    'networks of both families': { allowedNetworks: ['10.0.0.0/8', 'fd00::/8'] },
    'pairwise subjects with one host': { subjectType: 'pairwise' },
    'an address for logout tokens': {
      backchannelLogoutUri: 'https://app.example/logout?a=b',
      backchannelLogoutSessionRequired: true,
    },
  };
  for (const [what, over] of Object.entries(GOOD)) {
    it(`may have ${what}`, async () => {
      expect((await create(over)).client).to.deep.include(over);
    });
  }

  it('gets no secret where the client proves a key', async () => {
    expect((await create(GOOD['keys by value for private_key_jwt'] ?? {})).secret).to.equal(null);
  });

  const BAD: Record<string, [string, Partial<NewClient>]> = {
    'no key for private_key_jwt': ['jwks', { tokenEndpointAuthMethod: 'private_key_jwt' }],
    'keys by value and by address (RFC 7591 §2)': [
      'jwks',
      { jwks: JWKS, jwksUri: 'https://app.example/jwks' },
    ],
    'a private key': ['jwks', { jwks: { keys: [jwk('ec').privateKey.export({ format: 'jwk' })] } }],
    'a shared key': ['jwks', { jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } }],
    'a short RSA key': ['jwks', { jwks: { keys: [publicJwk('rsa', 1024)] } }],
    'no key in a key set': ['jwks', { jwks: { keys: [] } }],
    'members of a key that are no text': [
      'jwks',
      { jwks: { keys: [{ ...publicJwk('ec'), x: { $ne: 1 } }] } },
    ],
    'a name with a dollar in a key': ['jwks', { jwks: { keys: [{ ...publicJwk('ec'), $where: '1' }] } }],
    'two names of a certificate (RFC 8705 §2.1.2)': [
      'tlsClientAuthSanDns',
      {
        tokenEndpointAuthMethod: 'tls_client_auth',
        tlsClientAuthSubjectDn: 'CN=a',
        tlsClientAuthSanDns: 'a.example',
      },
    ],
    'a name of a certificate without the method': [
      'tlsClientAuthSanUri',
      { tlsClientAuthSanUri: 'https://a.example' },
    ],
    'an algorithm that the installation has no key of': [
      'idTokenSignedResponseAlg',
      { idTokenSignedResponseAlg: 'PS256' },
    ],
    'no signature at all': ['userinfoSignedResponseAlg', { userinfoSignedResponseAlg: 'none' }],
    'an unknown type of details': ['authorizationDetailsTypes', { authorizationDetailsTypes: ['other'] }],
    'a network that is none': ['allowedNetworks', { allowedNetworks: ['10.0.0.0'] }],
    'signed requests without keys': ['requireSignedRequestObject', { requireSignedRequestObject: true }],
    'pairwise subjects over two hosts without a sector (OpenID Connect Core §8.1)': [
      'sectorIdentifierUri',
      { subjectType: 'pairwise', redirectUris: ['https://a.example/', 'https://b.example/'] },
    ],
    'a logout address with a fragment': [
      'backchannelLogoutUri',
      { backchannelLogoutUri: 'https://a.example/#x' },
    ],
    'a logout address over plain http': [
      'backchannelLogoutUri',
      { backchannelLogoutUri: 'http://a.example/' },
    ],
    'a name that turns the direction of what stands beside it': ['name', { name: 'Bank\u202E?uoy era' }],
    'a request URI over plain http': ['requestUris', { requestUris: ['http://a.example/request'] }],
  };
  for (const [what, [path, over]] of Object.entries(BAD)) {
    it(`may not have ${what}`, async () => {
      expect((await refusal(create(over), 'BAD_USER_INPUT')).path?.[0]).to.equal(path);
    });
  }

  it('names a sector only where the sector names every redirect URI (OpenID Connect Registration §5)', async () => {
    const sectorIdentifierUri = `${outside.url}/sector.json`;
    outside.answer((_one, response) => response.end(JSON.stringify(APP.redirectUris)));
    const { client } = await create({ subjectType: 'pairwise', sectorIdentifierUri });
    expect(client.sectorIdentifierUri).to.equal(sectorIdentifierUri);
    const joined = updateClient(
      test.deps,
      client._id,
      { redirectUris: ['https://app.example/callback', 'https://evil.example/'] },
      ADMIN,
      ORIGIN,
    );
    expect((await refusal(joined, 'BAD_USER_INPUT')).path).to.deep.equal(['sectorIdentifierUri']);
    for (const body of ['{}', 'no json', '[]']) {
      outside.answer((_one, response) => response.end(body));
      await refusal(create({ subjectType: 'pairwise', sectorIdentifierUri }), 'BAD_USER_INPUT');
    }
  });
});
