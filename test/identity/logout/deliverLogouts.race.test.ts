import { expect } from 'chai';
import { deliverDueLogouts } from '../../../src/identity/logout/deliverLogouts.js';
import { revokeSession } from '../../../src/identity/sessions/sessions.js';
import { createTestDeps, ORIGIN } from '../../support/deps.js';
import { startOutside } from '../../support/outside.js';
import { signIn, storeClient } from '../tokens/signedIn.js';

describe('replicas that deliver logout tokens at once', () => {
  it('make one attempt of each between them', async () => {
    const outside = await startOutside();
    const test = await createTestDeps({ config: outside.config });
    const replica = await createTestDeps({ replicaOf: test });
    try {
      const client = await storeClient(test, { backchannelLogoutUri: `${outside.url}/logout` });
      for (let i = 0; i < 10; i += 1) {
        const { session } = await signIn(test, { client });
        await revokeSession(test.deps, session._id, 'signed out', { kind: 'system' }, ORIGIN);
      }
      const made = await Promise.all([test, replica, test].map(({ deps }) => deliverDueLogouts(deps)));
      expect(made.reduce((sum, one) => sum + one)).to.equal(10);
      expect(outside.received).to.have.lengthOf(10);
    } finally {
      await replica.close();
      await test.close();
      await outside.close();
    }
  });
});
