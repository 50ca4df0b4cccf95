import { expect } from 'chai';
import {
  endPending,
  findPending,
  keepPending,
  makeBrowserKey,
} from '../../../src/identity/authorization/pending.js';
import { createTestDeps, type TestDeps } from '../../support/deps.js';

describe('what waits for a person, in a race', () => {
  let test: TestDeps;
  before(async () => {
    test = await createTestDeps();
  });
  after(() => test.close());

  it('is ended by one of fifty tabs, and waits no more', async () => {
    const { deps } = test;
    const browserKey = makeBrowserKey();
    const id = await keepPending(deps, 'signOut', browserKey, {
      returnTo: null,
      isStranger: false,
      clientName: null,
    });
    await findPending(deps, 'signOut', id, browserKey);
    const ended = await Promise.all(Array.from({ length: 50 }, () => endPending(deps, 'signOut', id)));
    expect(ended.filter(Boolean)).to.have.length(1);
    const after = await findPending(deps, 'signOut', id, browserKey).catch((error: unknown) => error);
    expect(after).to.have.property('code', 'INVALID_GRANT');
  });
});
