import { expect } from 'chai';
import { confirmEmail } from '../../../src/identity/accounts/confirmations.js';
import { verifyCredentials } from '../../../src/identity/accounts/credentials.js';
import { createProof } from '../../../src/identity/accounts/oneTimeProof.js';
import { requestPasswordReset, resetPassword } from '../../../src/identity/accounts/passwords.js';
import type { User } from '../../../src/models/user.js';
import { createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';
import { codeIn, mailTo, OTHER_PASSWORD, PASSWORD, tokenIn, UNLIMITED } from './support.js';

const EMAIL = 'ada@example.com';
const PHONE = '+442079460110';

describe('the code of a password reset', () => {
  let test: TestDeps;
  let ada: User;
  beforeEach(async () => {
    test = await createTestDeps({ config: UNLIMITED });
    const passwordHash = await test.deps.passwords.hash(PASSWORD);
    ada = await storeUser(test.deps, { email: EMAIL, phone: PHONE, phoneVerified: true, passwordHash });
  });
  afterEach(() => test.close());

  const requested = async () => {
    await requestPasswordReset(test.deps, { identifier: EMAIL }, ORIGIN);
    return (await mailTo(test, EMAIL)).text;
  };
  const reset = (code: string, newPassword = OTHER_PASSWORD, contact = EMAIL) =>
    resetPassword(test.deps, { contact, code, newPassword }, ORIGIN);
  const resetByLink = (token: string) =>
    resetPassword(test.deps, { token, newPassword: OTHER_PASSWORD }, ORIGIN);
  const signIn = (password: string) => verifyCredentials(test.deps, { identifier: EMAIL, password }, ORIGIN);
  const other = (code: string) => String((Number(code) + 1) % 10 ** 8).padStart(8, '0');

  it('sets the password, typed in any spelling, once, and ends the link of its letter', async () => {
    const text = await requested();
    const code = codeIn(text);
    expect(code).to.have.length(8);
    await reset(`${code.slice(0, 4)} ${code.slice(4)}`, OTHER_PASSWORD, ' Ada@Example.com ');
    await signIn(OTHER_PASSWORD);
    await refusal(signIn(PASSWORD), 'INVALID_CREDENTIALS');
    await refusal(reset(code), 'CODE_INVALID');
    await refusal(resetByLink(tokenIn(text)), 'CODE_INVALID');
  });

  it('ends with the link of its letter', async () => {
    const text = await requested();
    await resetByLink(tokenIn(text));
    await refusal(reset(codeIn(text)), 'CODE_INVALID');
  });

  it('goes to the phone that was typed', async () => {
    await requestPasswordReset(test.deps, { identifier: PHONE }, ORIGIN);
    await test.settled();
    const { to, text } = test.texts.at(-1) ?? { to: '', text: '' };
    expect(to).to.equal(PHONE);
    await refusal(reset(codeIn(text)), 'CODE_INVALID');
    await reset(codeIn(text), OTHER_PASSWORD, '+44 20 7946 0110');
    await signIn(OTHER_PASSWORD);
  });

  it('bears five tries, whoever makes them, and leaves the link alone', async () => {
    const text = await requested();
    const code = codeIn(text);
    for (let guess = 0; guess < 5; guess += 1) await refusal(reset(other(code)), 'CODE_INVALID');
    await refusal(reset(code), 'CODE_INVALID');
    await signIn(PASSWORD);
    await resetByLink(tokenIn(text));
  });

  it('stays usable after a password that is too weak', async () => {
    const code = codeIn(await requested());
    const error = await refusal(reset(code, 'ada'), 'PASSWORD_TOO_WEAK');
    expect(error.path).to.deep.equal(['newPassword']);
    await reset(code);
  });

  it('says of a weak password only to whoever has the code', async () => {
    const code = codeIn(await requested());
    await refusal(reset(other(code), 'ada'), 'CODE_INVALID');
    await refusal(reset(code, 'ada', 'nobody@example.com'), 'CODE_INVALID');
  });

  it('is over after thirty minutes, and when the owner has another contact', async () => {
    const late = codeIn(await requested());
    test.clock.advance(1801);
    await refusal(reset(late), 'CODE_INVALID');
    const moved = codeIn(await requested());
    const set = { email: 'new@example.com', emailNormalized: 'new@example.com' };
    await test.deps.models.users.updateOne({ _id: ada._id }, { $set: set });
    await refusal(reset(moved), 'CODE_INVALID');
  });

  it('is no code of another purpose, nor any of those this one', async () => {
    const purpose = { userId: ada._id, target: EMAIL, ttlSeconds: 900, codeDigits: 8 } as const;
    const confirmation = await createProof(test.deps, { ...purpose, kind: 'confirmEmail' });
    await refusal(reset(confirmation.code), 'CODE_INVALID');
    const code = codeIn(await requested());
    await refusal(confirmEmail(test.deps, { email: EMAIL, code }, ORIGIN), 'CODE_INVALID');
    await reset(code);
  });
});
