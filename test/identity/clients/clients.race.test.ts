import { expect } from 'chai';
import { isAppError } from '../../../src/errors.js';
import { authenticateClient } from '../../../src/identity/clients/authenticateClient.js';
import { createClient, rotateClientSecret } from '../../../src/identity/clients/clients.js';
import { createTestDeps, ORIGIN } from '../../support/deps.js';

const ADMIN = { kind: 'user', id: 'an-admin' } as const;

describe('administrators who rotate one secret at the same moment', () => {
  it('each get a secret that works, or a conflict', async () => {
    const test = await createTestDeps();
    const { client } = await createClient(
      test.deps,
      { name: 'A service', grantTypes: ['client_credentials'] },
      ADMIN,
      ORIGIN,
    );
    test.clock.advance(1);
    const attempts = await Promise.allSettled(
      Array.from({ length: 10 }, () =>
        rotateClientSecret(test.deps, { clientId: client._id }, ADMIN, ORIGIN),
      ),
    );
    const won = attempts.filter((attempt) => attempt.status === 'fulfilled');
    const lost = attempts.filter((attempt) => attempt.status === 'rejected');
    expect(won).to.have.lengthOf(1);
    expect(lost.every(({ reason }) => isAppError(reason, 'CONFLICT'))).to.equal(true);
    await authenticateClient(test.deps, {
      clientId: client._id,
      secret: won[0]?.value.secret ?? '',
      method: 'client_secret_basic',
    });
    await test.close();
  });
});
