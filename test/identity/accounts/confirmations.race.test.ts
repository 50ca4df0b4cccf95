import { expect } from 'chai';
import { confirmEmail, confirmPhone } from '../../../src/identity/accounts/confirmations.js';
import { signUp } from '../../../src/identity/accounts/signUp.js';
import { createTestDeps, ORIGIN, type TestDeps } from '../../support/deps.js';
import { codeIn, mailTo, PASSWORD, tally, tokenIn, UNLIMITED } from './support.js';

describe('a confirmation in a race', () => {
  let test: TestDeps;
  before(async () => {
    test = await createTestDeps({ config: UNLIMITED });
  });
  after(() => test.close());

  it('lets one of fifty uses of a link through', async () => {
    await signUp(test.deps, { email: 'link@example.com', password: PASSWORD }, ORIGIN);
    const token = tokenIn((await mailTo(test, 'link@example.com')).text);
    const counts = await tally(Array.from({ length: 50 }, () => confirmEmail(test.deps, { token }, ORIGIN)));
    expect(counts).to.deep.equal({ ok: 1, CODE_INVALID: 49 });
  });

  it('lets one of fifty uses of a code through', async () => {
    await signUp(test.deps, { email: 'code@example.com', password: PASSWORD }, ORIGIN);
    const code = codeIn((await mailTo(test, 'code@example.com')).text);
    const counts = await tally(
      Array.from({ length: 50 }, () => confirmEmail(test.deps, { email: 'code@example.com', code }, ORIGIN)),
    );
    expect(counts).to.deep.equal({ ok: 1, CODE_INVALID: 49 });
  });

  it('judges five of fifty parallel guesses, and no more', async () => {
    const phone = '+442079460110';
    await signUp(test.deps, { phone, password: PASSWORD }, ORIGIN);
    await test.settled();
    const code = codeIn(test.texts.at(-1)!.text);
    const guesses = Array.from({ length: 50 }, (_, index) =>
      String((Number(code) + 1 + index) % 1_000_000).padStart(6, '0'),
    );
    const counts = await tally(
      guesses.map((guess) => confirmPhone(test.deps, { phone, code: guess }, ORIGIN)),
    );
    expect(counts).to.deep.equal({ CODE_INVALID: 50 });
    const [left] = await test.deps.models.confirmations.find({ target: phone }).lean();
    expect(left?.attemptsLeft).to.equal(0);
  });
});
