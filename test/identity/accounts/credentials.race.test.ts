import { expect } from 'chai';
import { verifyCredentials } from '../../../src/identity/accounts/credentials.js';
import type { PasswordHasher } from '../../../src/identity/deps.js';
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
    // Of each: for the address, and for all unknown devices together.
    expect(counted.map(({ failures }) => failures)).to.deep.equal([5, 5, 5, 5]);
  });

  it('answer twenty of sixty parallel guesses from thirty addresses, and lock out the others', async () => {
    const counts = await tally(
      Array.from({ length: 60 }, (_, index) => {
        const origin = { ...ORIGIN, address: `198.51.100.${index % 30}` };
        const credentials = { identifier: 'ada@example.com', password: `guess ${index}` };
        return verifyCredentials(test.deps, credentials, origin);
      }),
    );
    expect(counts).to.deep.equal({ INVALID_CREDENTIALS: 20, ACCOUNT_LOCKED: 40 });
  });

  it('refuse the right password when a burst of wrong ones set the lock before it was judged', async () => {
    const { passwords } = test.deps;
    let reached = () => {};
    let judge = () => {};
    const beingJudged = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const mayBeJudged = new Promise<void>((resolve) => {
      judge = resolve;
    });
    const slow: PasswordHasher = {
      hash: (password) => passwords.hash(password),
      verify: async (hash, password) => {
        reached();
        await mayBeJudged;
        return passwords.verify(hash, password);
      },
    };
    const right = verifyCredentials(
      { ...test.deps, passwords: slow },
      { identifier: 'ada@example.com', password: PASSWORD },
      ORIGIN,
    );
    await beingJudged;
    const wrong = await tally(
      Array.from({ length: 40 }, (_, index) => attempt('ada@example.com', `guess ${index}`)),
    );
    judge();
    expect(wrong).to.deep.equal({ INVALID_CREDENTIALS: 5, ACCOUNT_LOCKED: 35 });
    expect(await tally([right])).to.deep.equal({ ACCOUNT_LOCKED: 1 });
  });

  it('let in everybody of twenty who type the right password at once', async () => {
    const counts = await tally(Array.from({ length: 20 }, () => attempt('ada@example.com', PASSWORD)));
    expect(counts).to.deep.equal({ ok: 20 });
  });
});
