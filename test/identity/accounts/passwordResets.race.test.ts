import { expect } from 'chai';
import { requestPasswordReset, resetPassword } from '../../../src/identity/accounts/passwords.js';
import { createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { codeIn, mailTo, OTHER_PASSWORD, tally, tokenIn, UNLIMITED } from './support.js';

const EMAIL = 'ada@example.com';

describe('a password reset in a race', () => {
  let test: TestDeps;
  let text: string;
  beforeEach(async () => {
    test = await createTestDeps({ config: UNLIMITED });
    await storeUser(test.deps, { email: EMAIL });
    await requestPasswordReset(test.deps, { identifier: EMAIL }, ORIGIN);
    ({ text } = await mailTo(test, EMAIL));
  });
  afterEach(() => test.close());

  const resets = (proofs: readonly ({ token: string } | { contact: string; code: string })[]) =>
    tally(
      proofs.map((proof, use) =>
        resetPassword(test.deps, { ...proof, newPassword: `${OTHER_PASSWORD}-${use}` }, ORIGIN),
      ),
    );
  const byLink = () => ({ token: tokenIn(text) });
  const byCode = () => ({ contact: EMAIL, code: codeIn(text) });

  it('lets one of fifty uses of the link through', async () => {
    expect(await resets(Array.from({ length: 50 }, byLink))).to.deep.equal({ ok: 1, CODE_INVALID: 49 });
  });

  it('lets one of fifty uses of the code through', async () => {
    expect(await resets(Array.from({ length: 50 }, byCode))).to.deep.equal({ ok: 1, CODE_INVALID: 49 });
  });

  it('lets one of fifty through of whom half have the link and half the code', async () => {
    const proofs = Array.from({ length: 50 }, (_, use) => (use % 2 === 0 ? byLink() : byCode()));
    expect(await resets(proofs)).to.deep.equal({ ok: 1, CODE_INVALID: 49 });
  });
});
