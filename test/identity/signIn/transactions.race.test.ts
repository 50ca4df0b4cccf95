import { expect } from 'chai';
import {
  nextTransaction,
  openTransaction,
  takeTransaction,
} from '../../../src/identity/signIn/transactions.js';
import { createTestDeps, type TestDeps } from '../../support/deps.js';
import { tally } from '../accounts/support.js';

describe('a step of a sign-in in a race', () => {
  let test: TestDeps;
  before(async () => {
    test = await createTestDeps();
  });
  after(() => test.close());

  const open = () =>
    openTransaction(
      test.deps,
      { userId: 'somebody', amr: ['pwd'], startedAt: test.clock(), requiredAcr: 'aal2' },
      'browser',
    );
  const take = (token: string) => takeTransaction(test.deps, token, 'browser');

  it('is taken by one of fifty', async () => {
    const token = await open();
    expect(await tally(Array.from({ length: 50 }, () => take(token)))).to.deep.equal({
      ok: 1,
      INVALID_GRANT: 49,
    });
  });

  it('leads to one next step, which is taken by one of fifty', async () => {
    const next = await nextTransaction(test.deps, await take(await open()), 'browser');
    expect(await tally(Array.from({ length: 50 }, () => take(next)))).to.deep.equal({
      ok: 1,
      INVALID_GRANT: 49,
    });
  });
});
