import { expect } from 'chai';
import { isAppError } from '../../../src/errors.js';
import { authenticateClient } from '../../../src/identity/clients/authenticateClient.js';
import { createClient } from '../../../src/identity/clients/clients.js';
import { rotateClientSecret } from '../../../src/identity/clients/rotateClientSecret.js';
import type { Deps } from '../../../src/identity/deps.js';
import { createTestDeps, ORIGIN, type TestDeps } from '../../support/deps.js';

const ADMIN = { kind: 'user', id: 'an-admin' } as const;
const ADMINISTRATORS = 10;

describe('administrators who rotate one secret at the same moment', () => {
  let test: TestDeps;

  beforeEach(async () => {
    test = await createTestDeps();
  });
  afterEach(() => test.close());

  it('get one secret, which works, and conflicts', async () => {
    const { client } = await createClient(
      test.deps,
      { name: 'A service', grantTypes: ['client_credentials'] },
      ADMIN,
      ORIGIN,
    );
    test.clock.advance(1);
    const deps = readingTogether(test.deps, ADMINISTRATORS);
    const attempts = await Promise.allSettled(
      Array.from({ length: ADMINISTRATORS }, () =>
        rotateClientSecret(deps, { clientId: client._id }, ADMIN, ORIGIN),
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
  });
});

/** All of them have read the client before the first of them writes. */
function readingTogether(deps: TestDeps['deps'], readers: number): Deps {
  let arrived = 0;
  let release = (): void => undefined;
  const all = new Promise<void>((resolve) => {
    release = resolve;
  });
  const clients = new Proxy(deps.models.clients, {
    get(target, key, receiver) {
      if (key !== 'findOne') return Reflect.get(target, key, receiver) as unknown;
      return (filter: { _id: string }) => ({
        select: (fields: string) => ({
          lean: async () => {
            const client = await target.findOne(filter).select(fields).lean();
            arrived += 1;
            if (arrived === readers) release();
            await all;
            return client;
          },
        }),
      });
    },
  });
  return { ...deps, models: { ...deps.models, clients } };
}
