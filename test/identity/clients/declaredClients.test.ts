import { expect } from 'chai';
import { authenticateClient } from '../../../src/identity/clients/authenticateClient.js';
import { upsertDeclaredClients } from '../../../src/identity/clients/declaredClients.js';
import {
  ensureFirstPartyClient,
  FIRST_PARTY_CLIENT_ID,
  firstPartyClient,
} from '../../../src/identity/clients/firstPartyClient.js';
import { verifyAccessToken } from '../../../src/identity/tokens/accessToken.js';
import { issueClientTokens } from '../../../src/identity/tokens/issueClientTokens.js';
import { BUILT_IN_SCOPES } from '../../../src/policies/builtInScopes.js';
import { type ConfigInput, createTestDeps, type TestDeps, testConfig } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';

type Declarations = NonNullable<ConfigInput['clients']>;

const SERVICE: Declarations[number] = {
  clientId: 'service',
  secret: 'a secret of the service',
  grantTypes: ['client_credentials'],
  scopes: ['users:read', 'roles:read'],
  accessTokenTtlSeconds: 300,
};

describe('clients that the configuration declares', () => {
  let test: TestDeps;

  beforeEach(async () => {
    test = await createTestDeps();
  });
  afterEach(() => test.close());

  const declare = (clients: Declarations) =>
    upsertDeclaredClients({ ...test.deps, config: testConfig({ clients }) });
  const stored = (id: string) => test.deps.models.clients.findOne({ _id: id }).select('+secrets').lean();
  const prove = (secret: string) =>
    authenticateClient(test.deps, { clientId: 'service', secret, method: 'client_secret_basic' });

  it('exist after the start, named after their id, with the secret as a digest', async () => {
    await declare([SERVICE]);
    const client = await stored('service');
    expect(client).to.deep.include({
      name: 'service',
      declared: true,
      status: 'active',
      accessTokenTtlSeconds: 300,
    });
    expect(client?.scopes).to.deep.equal(['users:read', 'roles:read']);
    expect(JSON.stringify(client)).to.not.contain(SERVICE.secret);
    await prove('a secret of the service');
  });

  it('are the same after a second start', async () => {
    await declare([SERVICE]);
    const before = await stored('service');
    test.clock.advance(60);
    await declare([SERVICE]);
    const after = await stored('service');
    expect({ ...after, updatedAt: null }).to.deep.equal({ ...before, updatedAt: null });
  });

  it('follow the configuration, what it no longer says included', async () => {
    await declare([SERVICE]);
    const { accessTokenTtlSeconds: _dropped, ...rest } = SERVICE;
    await declare([{ ...rest, name: 'Renamed', secret: 'another secret, longer' }]);
    const client = await stored('service');
    expect(client?.name).to.equal('Renamed');
    expect(client?.accessTokenTtlSeconds).to.equal(undefined);
    await refusal(prove('a secret of the service'), 'INVALID_CLIENT');
    await prove('another secret, longer');
  });

  it('lose their access tokens with their rights', async () => {
    await declare([SERVICE]);
    const client = (await stored('service'))!;
    const { accessToken } = await issueClientTokens(test.deps, { client, scopes: ['users:read'] });
    await declare([SERVICE]);
    await verifyAccessToken(test.deps, accessToken);
    await declare([{ ...SERVICE, scopes: ['roles:read'] }]);
    await refusal(verifyAccessToken(test.deps, accessToken), 'INVALID_TOKEN');
  });

  it('are disabled when they are declared no more, and come back when they are', async () => {
    await ensureFirstPartyClient(test.deps);
    await declare([SERVICE]);
    await declare([]);
    expect(await stored('service')).to.include({ declared: false, status: 'disabled' });
    expect(await stored(FIRST_PARTY_CLIENT_ID)).to.include({ declared: true, status: 'active' });
    await declare([SERVICE]);
    expect(await stored('service')).to.include({ declared: true, status: 'active' });
    await prove('a secret of the service');
  });

  it('are made once by processes that start together', async () => {
    await Promise.all(Array.from({ length: 10 }, () => declare([SERVICE])));
    expect(await test.deps.models.clients.countDocuments()).to.equal(1);
  });
});

describe('the first-party client', () => {
  it('is public, may only refresh, and may ask for every built-in scope', async () => {
    const test = await createTestDeps();
    await refusal(firstPartyClient(test.deps), 'INTERNAL');
    await Promise.all(Array.from({ length: 5 }, () => ensureFirstPartyClient(test.deps)));
    const client = await firstPartyClient(test.deps);
    expect(client).to.include({
      _id: 'fieldgate',
      tokenEndpointAuthMethod: 'none',
      declared: true,
      firstParty: true,
    });
    expect(client.grantTypes).to.deep.equal(['refresh_token']);
    expect(client.scopes).to.have.members(BUILT_IN_SCOPES.map((scope) => scope.name));
    await test.close();
  });
});
