import { expect } from 'chai';
import { verifyCredentials } from '../../../src/identity/accounts/credentials.js';
import { createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { PASSWORD, tally, UNLIMITED } from './support.js';

describe('credentials in a race', () => {
  let test: TestDeps;
  beforeEach(async () => {
    test = await createTestDeps({ config: UNLIMITED });
    await storeUser(test.deps, {
      email: 'ada@example.com',
      passwordHash: await test.deps.passwords.hash(PASSWORD),
    });
  });
  afterEach(() => test.close());

  const attempt = (identifier: string, password: string) =>
    verifyCredentials(test.deps, { identifier, password }, ORIGIN);

  it('answer five of fifty parallel wrong guesses, and lock out the others', async () => {
    for (const identifier of ['ada@example.com', 'nobody@example.com']) {
      const counts = await tally(
        Array.from({ length: 50 }, (_, index) => attempt(identifier, `guess ${index}`)),
      );
      expect(counts).to.deep.equal({ INVALID_CREDENTIALS: 5, ACCOUNT_LOCKED: 45 });
    }
    const counted = await test.deps.models.failedAttempts.find().lean();
    expect(counted.map(({ failures }) => failures)).to.deep.equal([5, 5]);
  });

  it('refuse the right password when a burst of wrong ones set the lock before it was judged', async () => {
    const guesses = [...Array.from({ length: 40 }, (_, index) => `guess ${index}`), PASSWORD];
    const counts = await tally(guesses.map((guess) => attempt('ada@example.com', guess)));
    expect(counts).to.deep.equal({ INVALID_CREDENTIALS: 5, ACCOUNT_LOCKED: 36 });
  });

  it('let in everybody of twenty who type the right password at once', async () => {
    const counts = await tally(Array.from({ length: 20 }, () => attempt('ada@example.com', PASSWORD)));
    expect(counts).to.deep.equal({ ok: 20 });
  });
});
