import { expect } from 'chai';
import { authenticateClient } from '../../../src/identity/clients/authenticateClient.js';
import {
  type ClientPatch,
  createClient,
  deleteClient,
  type NewClient,
  updateClient,
} from '../../../src/identity/clients/clients.js';
import { rotateClientSecret } from '../../../src/identity/clients/rotateClientSecret.js';
import { verifyAccessToken } from '../../../src/identity/tokens/accessToken.js';
import { createTestDeps, ORIGIN, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';
import { refresh, signIn, storeClient } from '../tokens/signedIn.js';

const ADMIN = { kind: 'user', id: 'an-admin' } as const;

const APP: NewClient = {
  name: 'An app',
  grantTypes: ['authorization_code', 'refresh_token'],
  redirectUris: ['https://app.example/callback'],
  scopes: ['openid', 'profile'],
};

describe('a client', () => {
  let test: TestDeps;

  beforeEach(async () => {
    test = await createTestDeps();
  });
  afterEach(() => test.close());

  const create = (over: Partial<NewClient> = {}) =>
    createClient(test.deps, { ...APP, ...over }, ADMIN, ORIGIN);
  const update = (id: string, patch: ClientPatch) => updateClient(test.deps, id, patch, ADMIN, ORIGIN);
  const rotate = (clientId: string, graceSeconds?: number, revoke?: boolean) =>
    rotateClientSecret(
      test.deps,
      {
        clientId,
        ...(graceSeconds !== undefined && { graceSeconds }),
        ...(revoke !== undefined && { revokeTokens: revoke }),
      },
      ADMIN,
      ORIGIN,
    );
  const prove = (clientId: string, secret: string | null) =>
    authenticateClient(test.deps, { clientId, secret, method: 'client_secret_basic' });
  const stored = (id: string) => test.deps.models.clients.findOne({ _id: id }).select('+secrets').lean();
  const auditOf = (action: string) => test.deps.models.auditEvents.find({ action }).lean();

  describe('is registered', () => {
    it('with a secret that is shown once and stored as a digest', async () => {
      const { client, secret } = await create({ ownerId: 'user-1' });
      expect(secret).to.match(/^[A-Za-z0-9_-]{43}$/);
      expect(client).to.include({ name: 'An app', ownerId: 'user-1', status: 'active', declared: false });
      expect(client.secrets).to.deep.equal([]);
      const document = await stored(client._id);
      expect(document?.secrets).to.have.lengthOf(1);
      expect(JSON.stringify(document)).to.not.contain(secret);
      expect((await prove(client._id, secret))._id).to.equal(client._id);
    });

    it('without a secret where it is public', async () => {
      const { client, secret } = await create({ tokenEndpointAuthMethod: 'none' });
      expect(secret).to.equal(null);
      expect((await stored(client._id))?.secrets).to.deep.equal([]);
    });

    it('with defaults for what is absent or null, and no value twice', async () => {
      const { client } = await create({
        description: null,
        contacts: null,
        roles: null,
        accessTokenTtlSeconds: null,
        scopes: ['openid', 'openid'],
      });
      expect(client).to.deep.include({
        description: '',
        contacts: [],
        roles: [],
        scopes: ['openid'],
        firstParty: false,
      });
    });

    it('in the audit trail, without its secret', async () => {
      const { client, secret } = await create();
      const events = await auditOf('client.create');
      expect(events[0]).to.include({ objectId: client._id, actorId: 'an-admin', outcome: 'success' });
      expect(events[0]?.fields).to.include('redirectUris');
      const text = JSON.stringify(events);
      expect(text).to.not.contain(secret);
      expect(text).to.not.contain((await stored(client._id))?.secrets[0]?.hash);
    });
  });

  describe('with wrong metadata is refused, with the path of the fault', () => {
    const CASES: [string, string, Partial<NewClient>][] = [
      ['an empty name', 'name', { name: ' ' }],
      ['a name that nobody sees', 'name', { name: '\u200b\u00a0\u2060' }],
      ['a NUL byte in the name', 'name', { name: 'a\u0000b' }],
      ['a name of a megabyte', 'name', { name: 'x'.repeat(1_000_000) }],
      ['no grant type', 'grantTypes', { grantTypes: [] }],
      ['password though it is not first-party', 'grantTypes', { grantTypes: ['password'] }],
      [
        'client_credentials though it is public',
        'grantTypes',
        { grantTypes: ['client_credentials'], tokenEndpointAuthMethod: 'none' },
      ],
      ['authorization_code without a redirect URI', 'redirectUris', { redirectUris: [] }],
      ...[
        '/callback',
        'app.example/callback',
        'https://app.example/#fragment',
        'https://app.example/#',
        'http://app.example/callback',
        'http://127.0.0.1.evil.example/',
        'https://user:password@app.example/',
        'https://*.app.example/',
        'javascript:alert(1)',
        'data:text/html,x',
        'file:///etc/passwd',
        'myapp:/callback',
        'https://app.example/\u0000',
        'https://\u00e4pp.example/callback',
        'https://app.example/\u2603',
        ' https://app.example/',
        'https://app.example\\@evil.example/',
        'https://app.example/"><script>',
        'https:app.example/callback',
        'https:/auth/logout',
        'http:/127.0.0.1/callback',
        'https:///app.example/callback',
        '',
        `https://app.example/${'x'.repeat(3000)}`,
      ].map((uri): [string, string, Partial<NewClient>] => [
        `the redirect URI ${JSON.stringify(uri.slice(0, 50))}`,
        'redirectUris.1',
        { redirectUris: ['https://app.example/', uri] },
      ]),
      ['a post-logout URI that is none', 'postLogoutRedirectUris.0', { postLogoutRedirectUris: ['nowhere'] }],
      ['a logo over http', 'logoUri', { logoUri: 'http://app.example/logo.png' }],
      ['a script as policy', 'policyUri', { policyUri: 'javascript:alert(1)' }],
      ['an unknown scope', 'scopes.1', { scopes: ['openid', 'no-such-scope'] }],
      ['an unknown role', 'roles.0', { roles: ['no-such-role'] }],
      ['too many contacts', 'contacts', { contacts: Array.from({ length: 51 }, (_, index) => `c${index}`) }],
      ['an empty contact', 'contacts.0', { contacts: [''] }],
      ['a lifetime of zero', 'accessTokenTtlSeconds', { accessTokenTtlSeconds: 0 }],
      ['a fraction of a second', 'refreshTokenTtlSeconds', { refreshTokenTtlSeconds: 1.5 }],
      ['a lifetime that outlives the denylist', 'accessTokenTtlSeconds', { accessTokenTtlSeconds: 3601 }],
    ];
    for (const [what, path, over] of CASES) {
      it(what, async () => {
        const error = await refusal(create(over), 'BAD_USER_INPUT');
        expect(error.path?.join('.')).to.equal(path);
        expect(error.publicMessage).to.be.a('string').with.length.below(200);
        expect(await test.deps.models.clients.countDocuments()).to.equal(0);
      });
    }
  });

  for (const uri of [
    'https://app.example/callback?tenant=1',
    'http://127.0.0.1:8080/callback',
    'http://[::1]/callback',
    'http://localhost/callback',
    'com.example.app:/callback',
  ]) {
    it(`may be redirected to ${uri}`, async () => {
      expect((await create({ redirectUris: [uri] })).client.redirectUris).to.deep.equal([uri]);
    });
  }

  describe('is changed', () => {
    it('where it is told to; absent stays, null clears', async () => {
      const { client } = await create({
        logoUri: 'https://app.example/logo.png',
        contacts: ['me@app.example'],
      });
      const after = await update(client._id, { name: 'Renamed', logoUri: null, contacts: null });
      expect(after).to.include({ name: 'Renamed' });
      expect(after.logoUri ?? null).to.equal(null);
      expect(after.contacts).to.deep.equal([]);
      expect(after.redirectUris).to.deep.equal(APP.redirectUris);
      expect(after.secrets).to.deep.equal([]);
      const [event] = await auditOf('client.update');
      expect(event?.fields).to.have.members(['name', 'logoUri', 'contacts']);
      expect(event?.before).to.contain('An app');
      expect(event?.after).to.contain('Renamed');
    });

    it('not at all where nothing is different', async () => {
      const { client } = await create();
      const after = await update(client._id, { name: 'An app', scopes: ['openid', 'profile'] });
      expect(after.updatedAt).to.deep.equal(client.updatedAt);
      expect(after.secrets).to.deep.equal([]);
      expect(await auditOf('client.update')).to.deep.equal([]);
    });

    it('into nothing that could not be registered', async () => {
      const { client } = await create();
      expect((await refusal(update(client._id, { name: null }), 'BAD_USER_INPUT')).path).to.deep.equal([
        'name',
      ]);
      await refusal(update(client._id, { redirectUris: [] }), 'BAD_USER_INPUT');
      await refusal(update(client._id, { grantTypes: ['password'] }), 'BAD_USER_INPUT');
      expect((await stored(client._id))?.name).to.equal('An app');
    });

    it('only where it exists', async () => {
      await refusal(update('nobody', { name: 'x' }), 'NOT_FOUND');
    });

    it('keeps its secret', async () => {
      const { client, secret } = await create();
      test.clock.advance(1);
      await update(client._id, { name: 'Renamed' });
      expect((await prove(client._id, secret)).name).to.equal('Renamed');
    });

    for (const [what, patch] of Object.entries<ClientPatch>({
      'loses a scope': { scopes: ['openid'] },
      'is disabled': { status: 'disabled' },
      'is kept to some networks': { allowedNetworks: ['10.0.0.0/8'] },
    })) {
      it(`and when it ${what} its access tokens are refused`, async () => {
        const alice = await signIn(test);
        await update(alice.client._id, patch);
        await refusal(verifyAccessToken(test.deps, alice.tokens.accessToken), 'INVALID_TOKEN');
      });
    }

    it('and when it gains a scope its access tokens live on', async () => {
      const alice = await signIn(test);
      await update(alice.client._id, { scopes: [...alice.client.scopes, 'phone'] });
      await verifyAccessToken(test.deps, alice.tokens.accessToken);
    });
  });

  describe('gets a new secret', () => {
    it('and the old one stops at once', async () => {
      const { client, secret } = await create();
      const rotated = await rotate(client._id);
      await refusal(prove(client._id, secret), 'INVALID_CLIENT');
      await prove(client._id, rotated.secret);
      expect(rotated.client.secrets).to.deep.equal([]);
    });

    it('and the old one goes on for the grace asked for', async () => {
      const { client, secret } = await create();
      const rotated = await rotate(client._id, 3600);
      await prove(client._id, secret);
      await prove(client._id, rotated.secret);
      test.clock.advance(3601);
      await refusal(prove(client._id, secret), 'INVALID_CLIENT');
      await prove(client._id, rotated.secret);
    });

    it('and no more than two are valid at a time', async () => {
      const { client, secret } = await create();
      test.clock.advance(1);
      const second = await rotate(client._id, 3600);
      test.clock.advance(1);
      const third = await rotate(client._id, 3600);
      await refusal(prove(client._id, secret), 'INVALID_CLIENT');
      await prove(client._id, second.secret);
      await prove(client._id, third.secret);
      expect((await stored(client._id))?.secrets).to.have.lengthOf(2);
    });

    it('and its tokens live on, unless they are to end as well', async () => {
      const client = await storeClient(test, { tokenEndpointAuthMethod: 'client_secret_basic' });
      const alice = await signIn(test, { client });
      await rotate(client._id);
      await verifyAccessToken(test.deps, alice.tokens.accessToken);
      const next = (await refresh(test, client, alice.refreshToken)).refreshToken ?? '';
      await rotate(client._id, 0, true);
      await refusal(verifyAccessToken(test.deps, alice.tokens.accessToken), 'INVALID_TOKEN');
      await refusal(refresh(test, client, next), 'INVALID_GRANT');
      const events = await auditOf('client.rotateSecret');
      expect(events.map(({ after }) => after)).to.deep.equal([
        '{"graceSeconds":0,"revokeTokens":false}',
        '{"graceSeconds":0,"revokeTokens":true}',
      ]);
      expect(await auditOf('token.revokeAll')).to.have.lengthOf(1);
    });

    it('and its tokens end only where the old secret does: else who has it gets new ones', async () => {
      const { client } = await create();
      const { path } = await refusal(rotate(client._id, 60, true), 'BAD_USER_INPUT');
      expect(path).to.deep.equal(['revokeTokens']);
    });

    it('in the audit trail, without the secret', async () => {
      const { client } = await create();
      const { secret } = await rotate(client._id);
      const events = await auditOf('client.rotateSecret');
      expect(events[0]).to.include({ objectId: client._id });
      expect(JSON.stringify(events)).to.not.contain(secret);
    });

    it('not where it is public, unknown, or the grace makes no sense', async () => {
      const { client } = await create({ tokenEndpointAuthMethod: 'none' });
      await refusal(rotate(client._id), 'BAD_USER_INPUT');
      await refusal(rotate('nobody'), 'NOT_FOUND');
      for (const grace of [-1, 0.5, 31 * 86_400, Number.NaN]) {
        await refusal(rotate(client._id, grace), 'BAD_USER_INPUT');
      }
    });
  });

  it('when deleted takes its tokens along and leaves the sessions of its users', async () => {
    const alice = await signIn(test, { withCookie: true });
    await deleteClient(test.deps, alice.client._id, ADMIN, ORIGIN);
    expect(await stored(alice.client._id)).to.equal(null);
    await refusal(verifyAccessToken(test.deps, alice.tokens.accessToken), 'INVALID_TOKEN');
    await refusal(refresh(test, alice.client, alice.refreshToken), 'INVALID_GRANT');
    const session = await test.deps.models.sessions.findOne({ _id: alice.session._id }).lean();
    expect(session?.revokedAt).to.equal(undefined);
    await refusal(deleteClient(test.deps, alice.client._id, ADMIN, ORIGIN), 'NOT_FOUND');
    expect(await auditOf('client.delete')).to.have.lengthOf(1);
  });

  it('that is declared in the configuration is changed there only', async () => {
    const { client } = await create();
    await test.deps.models.clients.updateOne({ _id: client._id }, { $set: { declared: true } });
    await refusal(update(client._id, { name: 'x' }), 'CONFLICT');
    await refusal(rotate(client._id), 'CONFLICT');
    await refusal(deleteClient(test.deps, client._id, ADMIN, ORIGIN), 'CONFLICT');
    expect((await stored(client._id))?.name).to.equal('An app');
  });
});
