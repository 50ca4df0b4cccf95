import { expect } from 'chai';
import { answerFactor } from '../../../src/identity/signIn/factorStep.js';
import { openTransaction } from '../../../src/identity/signIn/transactions.js';
import type { User } from '../../../src/models/user.js';
import { createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { tally, UNLIMITED } from '../accounts/support.js';
import { setUpApp } from '../factors/authenticatorApp.js';

const BINDING = 'browser';

describe('guesses at a factor, all at once', () => {
  let test: TestDeps;
  let user: User;
  let factorId: string;
  let code: () => string;
  beforeEach(async () => {
    test = await createTestDeps({ config: UNLIMITED });
    user = await storeUser(test.deps);
    ({ id: factorId, code } = await setUpApp(test, user));
  });
  afterEach(() => test.close());

  const wrongCode = () => (code() === '000000' ? '000001' : '000000');
  /** Whoever knows the password begins as many sign-ins as they like; here without hashing it so often. */
  const begin = () => {
    const state = { userId: user._id, amr: ['pwd'], startedAt: test.clock(), requiredAcr: 'aal1', factorId };
    return openTransaction(test.deps, state, BINDING);
  };
  const answer = (transaction: string, given: string) =>
    answerFactor(test.deps, { transaction, answer: { code: given } }, { origin: ORIGIN, binding: BINDING });

  it('are judged no more often than the lockout allows, over however many sign-ins', async () => {
    const transactions = await Promise.all(Array.from({ length: 40 }, begin));
    const counts = await tally(transactions.map((transaction) => answer(transaction, wrongCode())));
    expect(counts).to.deep.equal({ ok: 5, ACCOUNT_LOCKED: 35 });
  });

  it('leave the owner their fifth try, and forget the four before', async () => {
    for (let wrong = 0; wrong < 4; wrong += 1) await answer(await begin(), wrongCode());
    expect(await answer(await begin(), code())).to.include({ kind: 'proved' });
    expect(await test.deps.models.failedAttempts.countDocuments()).to.equal(0);
  });
});
