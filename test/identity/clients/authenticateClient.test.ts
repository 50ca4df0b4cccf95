import { expect } from 'chai';
import { authenticateClient } from '../../../src/identity/clients/authenticateClient.js';
import { createClient } from '../../../src/identity/clients/clients.js';
import type { TokenEndpointAuthMethod } from '../../../src/models/client.js';
import { createTestDeps, ORIGIN, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';

const ADMIN = { kind: 'user', id: 'an-admin' } as const;
const METHODS: TokenEndpointAuthMethod[] = ['none', 'client_secret_basic', 'client_secret_post'];

describe('the authentication of a client', () => {
  let test: TestDeps;

  beforeEach(async () => {
    test = await createTestDeps();
  });
  afterEach(() => test.close());

  const create = (tokenEndpointAuthMethod: TokenEndpointAuthMethod) =>
    createClient(
      test.deps,
      {
        name: 'An app',
        grantTypes: ['authorization_code'],
        redirectUris: ['https://app.example/'],
        tokenEndpointAuthMethod,
      },
      ADMIN,
      ORIGIN,
    );
  const prove = (clientId: string, secret: string | null, method: TokenEndpointAuthMethod) =>
    authenticateClient(test.deps, { clientId, secret, method });

  for (const registered of METHODS) {
    for (const used of METHODS) {
      const fits = registered === used;
      it(`${fits ? 'accepts' : 'refuses'} ${used} of a client registered with ${registered}`, async () => {
        const { client, secret } = await create(registered);
        const attempt = prove(client._id, secret ?? (used === 'none' ? null : 'secret'), used);
        if (fits) expect((await attempt)._id).to.equal(client._id);
        else await refusal(attempt, 'INVALID_CLIENT');
      });
    }
  }

  it('refuses every wrong secret', async () => {
    const { client, secret } = await create('client_secret_basic');
    const right = secret ?? '';
    for (const wrong of [
      null,
      '',
      'wrong',
      right.slice(1),
      `${right}A`,
      right.toUpperCase(),
      '\u0000',
      'x'.repeat(1e6),
    ]) {
      await refusal(prove(client._id, wrong, 'client_secret_basic'), 'INVALID_CLIENT');
    }
  });

  it('refuses a client that is unknown or disabled, in the same words', async () => {
    const { client, secret } = await create('client_secret_basic');
    const unknown = await refusal(prove('nobody', secret, 'client_secret_basic'), 'INVALID_CLIENT');
    await test.deps.models.clients.updateOne({ _id: client._id }, { $set: { status: 'disabled' } });
    const disabled = await refusal(prove(client._id, secret, 'client_secret_basic'), 'INVALID_CLIENT');
    expect(unknown.publicMessage).to.equal(disabled.publicMessage);
  });

  it('gives nobody the digests of the secrets', async () => {
    const { client, secret } = await create('client_secret_basic');
    expect((await prove(client._id, secret, 'client_secret_basic')).secrets).to.deep.equal([]);
  });

  it('notes the use of a client at most once a minute, which is no change of it', async () => {
    const { client, secret } = await create('client_secret_basic');
    const lastUsed = async () => {
      await prove(client._id, secret, 'client_secret_basic');
      return test.deps.models.clients.findOne({ _id: client._id }).orFail().lean();
    };
    const first = await lastUsed();
    expect(first.lastUsedAt).to.be.instanceOf(Date);
    expect(first.updatedAt).to.deep.equal(client.updatedAt);
    test.clock.advance(59);
    expect((await lastUsed()).lastUsedAt).to.deep.equal(first.lastUsedAt);
    test.clock.advance(2);
    expect((await lastUsed()).lastUsedAt).to.be.greaterThan(first.lastUsedAt ?? new Date());
  });
});
