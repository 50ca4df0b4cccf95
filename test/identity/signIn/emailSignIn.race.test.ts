import { expect } from 'chai';
import { answerMailedCode, signInByMailedLink } from '../../../src/identity/signIn/emailAnswer.js';
import { requestEmailSignIn, resendMailedCode } from '../../../src/identity/signIn/emailSignIn.js';
import { createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { codeIn, mailTo, tally, tokenIn, UNLIMITED } from '../accounts/support.js';

const CONTEXT = { origin: ORIGIN, binding: 'this browser' };
const LINK = { request: '' };

describe('signing in by mail in a race', () => {
  let test: TestDeps;
  beforeEach(async () => {
    test = await createTestDeps({ config: { ...UNLIMITED, factors: { emailSignIn: ['code', 'link'] } } });
    await storeUser(test.deps, { email: 'ada@example.com' });
  });
  afterEach(() => test.close());

  async function ask() {
    const outcome = await requestEmailSignIn(test.deps, { email: 'ada@example.com', link: LINK }, CONTEXT);
    if (outcome.kind !== 'factorRequired') throw new Error(outcome.kind);
    const { text } = await mailTo(test, 'ada@example.com');
    return { transaction: outcome.transaction, code: codeIn(text), token: tokenIn(text) };
  }
  const many = (act: (index: number) => Promise<unknown>) =>
    tally(Array.from({ length: 50 }, (_each, index) => act(index)));

  it('lets in one of 50 with one code', async () => {
    const { transaction, code } = await ask();
    const answers = await many(() => answerMailedCode(test.deps, { transaction, code }, CONTEXT));
    expect(answers).to.deep.equal({ ok: 1, INVALID_GRANT: 49 });
  });

  it('lets in one of 50 with one link', async () => {
    const { token } = await ask();
    const answers = await many(() => signInByMailedLink(test.deps, token, CONTEXT));
    expect(answers['ok']).to.equal(1);
  });

  it('lets in one of 50 of whom half have the code and half the link', async () => {
    const { transaction, code, token } = await ask();
    const answers = await many((index) =>
      index % 2 === 0
        ? answerMailedCode(test.deps, { transaction, code }, CONTEXT)
        : signInByMailedLink(test.deps, token, CONTEXT),
    );
    expect(answers['ok']).to.equal(1);
  });

  it('answers one of 50 guesses with one transaction, and sends one letter of 50', async () => {
    const { transaction } = await ask();
    const guesses = await many((index) =>
      answerMailedCode(test.deps, { transaction, code: String(index) }, CONTEXT),
    );
    expect(guesses).to.deep.equal({ ok: 1, INVALID_GRANT: 49 });
    const second = await ask();
    test.clock.advance(31);
    const again = { transaction: second.transaction, link: LINK };
    const sent = await many(() => resendMailedCode(test.deps, again, CONTEXT));
    expect(sent).to.deep.equal({ ok: 1, INVALID_GRANT: 49 });
    await test.settled();
    expect(test.mails).to.have.length(3);
  });
});
