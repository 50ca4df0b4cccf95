import { expect } from 'chai';
import { requestEmailChange, requestPhoneChange } from '../../../src/identity/accounts/changeContact.js';
import {
  confirmEmail,
  confirmPhone,
  resendConfirmation,
} from '../../../src/identity/accounts/confirmations.js';
import { verifyCredentials } from '../../../src/identity/accounts/credentials.js';
import { findUserByIdentifier } from '../../../src/identity/accounts/lookup.js';
import { signUp } from '../../../src/identity/accounts/signUp.js';
import { confirmedFactors } from '../../../src/identity/factors/factors.js';
import {
  beginMessageEnrolment,
  confirmMessageEnrolment,
  sendFactorCode,
  verifyFactorCode,
} from '../../../src/identity/factors/messageCodes.js';
import { createTestDeps, ORIGIN, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';
import { codeIn, mailTo, PASSWORD, signUpAndConfirm, tokenIn, UNLIMITED } from './support.js';

describe('a confirmation', () => {
  let test: TestDeps;
  beforeEach(async () => {
    test = await createTestDeps({ config: UNLIMITED });
  });
  afterEach(() => test.close());

  const signedUp = async (email: string) => {
    await signUp(test.deps, { email, password: PASSWORD }, ORIGIN);
    return mailTo(test, email);
  };

  it('works once, by link', async () => {
    const token = tokenIn((await signedUp('ada@example.com')).text);
    const user = await confirmEmail(test.deps, { token }, ORIGIN);
    expect(user.emailVerified).to.equal(true);
    expect(user.unconfirmedExpiresAt ?? null).to.equal(null);
    expect(user).not.to.have.property('passwordHash');
    await refusal(confirmEmail(test.deps, { token }, ORIGIN), 'CODE_INVALID');
  });

  it('works once, by code, with the address in any spelling', async () => {
    const code = codeIn((await signedUp('ada@example.com')).text);
    expect(code).to.match(/^\d{8}$/);
    const spaced = `${code.slice(0, 4)} ${code.slice(4)}`;
    expect(
      (await confirmEmail(test.deps, { email: 'ADA@example.com', code: spaced }, ORIGIN)).emailVerified,
    ).to.equal(true);
    await refusal(confirmEmail(test.deps, { email: 'ada@example.com', code }, ORIGIN), 'CODE_INVALID');
  });

  it('ends with its time', async () => {
    const mail = await signedUp('ada@example.com');
    test.clock.advance(test.deps.config.accounts.confirmationTtlSeconds + 1);
    await refusal(confirmEmail(test.deps, { token: tokenIn(mail.text) }, ORIGIN), 'CODE_INVALID');
    await refusal(
      confirmEmail(test.deps, { email: 'ada@example.com', code: codeIn(mail.text) }, ORIGIN),
      'CODE_INVALID',
    );
  });

  it('bears five wrong codes, then the right one is of no use', async () => {
    const code = codeIn((await signedUp('ada@example.com')).text);
    const wrong = code === '00000000' ? '11111111' : '00000000';
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await refusal(
        confirmEmail(test.deps, { email: 'ada@example.com', code: wrong }, ORIGIN),
        'CODE_INVALID',
      );
    }
    await refusal(confirmEmail(test.deps, { email: 'ada@example.com', code }, ORIGIN), 'CODE_INVALID');
  });

  it('refuses forged and foreign tokens alike', async () => {
    const token = tokenIn((await signedUp('ada@example.com')).text);
    const other = tokenIn((await signedUp('bea@example.com')).text);
    const [id = ''] = token.split('.');
    const [, foreignSecret = ''] = other.split('.');
    for (const forged of [
      '',
      '.',
      id,
      `${id}.`,
      `${id}.${foreignSecret}`,
      `${token}.x`,
      '\0',
      'x'.repeat(100_000),
      { $ne: null },
    ]) {
      await refusal(confirmEmail(test.deps, { token: forged as string }, ORIGIN), 'CODE_INVALID');
    }
    await refusal(
      confirmEmail(test.deps, { email: 'ada@example.com', code: { $ne: null } as never }, ORIGIN),
      'CODE_INVALID',
    );
  });

  it('is stored so that a leaked database holds neither token nor code', async () => {
    const mail = await signedUp('ada@example.com');
    const stored = JSON.stringify(await test.deps.models.confirmations.find().lean());
    expect(stored).not.to.include(tokenIn(mail.text).split('.')[1]);
    expect(stored).not.to.include(codeIn(mail.text));
  });

  it('is sent again on request, and replaces the one before', async () => {
    const first = await signedUp('ada@example.com');
    await resendConfirmation(test.deps, { email: 'Ada@example.com' }, ORIGIN);
    const second = await mailTo(test, 'ada@example.com');
    expect(tokenIn(second.text)).not.to.equal(tokenIn(first.text));
    await refusal(confirmEmail(test.deps, { token: tokenIn(first.text) }, ORIGIN), 'CODE_INVALID');
    await confirmEmail(test.deps, { token: tokenIn(second.text) }, ORIGIN);
  });

  it('is not sent again to whom it does not concern, with the same answer', async () => {
    await signUpAndConfirm(test, 'done@example.com');
    const sent = test.mails.length;
    await resendConfirmation(test.deps, { email: 'done@example.com' }, ORIGIN);
    await resendConfirmation(test.deps, { email: 'nobody@example.com' }, ORIGIN);
    await test.settled();
    expect(test.mails.length).to.equal(sent);
  });

  it('is needed before the first sign-in, which only who knows the password is told', async () => {
    await signedUp('ada@example.com');
    const attempt = (password: string) =>
      verifyCredentials(test.deps, { identifier: 'ada@example.com', password }, ORIGIN);
    await refusal(attempt(PASSWORD), 'CONFIRMATION_REQUIRED');
    await refusal(attempt('wrong'), 'INVALID_CREDENTIALS');
  });

  it('changes the e-mail address when the new one answers, and tells the old one', async () => {
    const user = await signUpAndConfirm(test, 'old@example.com');
    await requestEmailChange(test.deps, { userId: user._id, newEmail: 'New@example.com' }, ORIGIN);
    const mail = await mailTo(test, 'new@example.com');
    expect((await mailTo(test, 'old@example.com')).text).to.include('new@example.com');
    expect(await findUserByIdentifier(test.deps, 'new@example.com')).to.equal(null);

    const changed = await confirmEmail(test.deps, { token: tokenIn(mail.text) }, ORIGIN);
    expect(changed).to.include({ _id: user._id, email: 'new@example.com', emailVerified: true });
    expect((await mailTo(test, 'old@example.com')).subject).to.match(/was changed/);
    expect(await findUserByIdentifier(test.deps, 'old@example.com')).to.equal(null);
  });

  it('takes the codes of a second factor along, which would be waited for in vain at the old contact', async () => {
    const user = await signUpAndConfirm(test, 'codes@example.com');
    const { _id } = await beginMessageEnrolment(test.deps, user, 'email');
    await confirmMessageEnrolment(
      test.deps,
      user._id,
      _id,
      codeIn((await mailTo(test, 'codes@example.com')).text),
    );
    await requestEmailChange(test.deps, { userId: user._id, newEmail: 'moved@example.com' }, ORIGIN);
    const token = tokenIn((await mailTo(test, 'moved@example.com')).text);
    const moved = await confirmEmail(test.deps, { token }, ORIGIN);
    test.clock.advance(31);
    const [factor] = await confirmedFactors(test.deps, user._id);
    expect((await sendFactorCode(test.deps, moved, factor!)).sent).to.equal(true);
    const code = codeIn((await mailTo(test, 'moved@example.com')).text);
    expect(await verifyFactorCode(test.deps, user._id, _id, code)).to.equal(true);
  });

  it('decides at the end whose an address is: one gets it, the other is told', async () => {
    const first = await signUpAndConfirm(test, 'first@example.com');
    const second = await signUpAndConfirm(test, 'second@example.com');
    await requestEmailChange(test.deps, { userId: first._id, newEmail: 'shared@example.com' }, ORIGIN);
    const firstLink = tokenIn((await mailTo(test, 'shared@example.com')).text);
    await requestEmailChange(test.deps, { userId: second._id, newEmail: 'shared@example.com' }, ORIGIN);
    const secondLink = tokenIn((await mailTo(test, 'shared@example.com')).text);

    await confirmEmail(test.deps, { token: secondLink }, ORIGIN);
    const error = await refusal(confirmEmail(test.deps, { token: firstLink }, ORIGIN), 'CONFLICT');
    expect(error.path).to.deep.equal(['email']);
    expect((await findUserByIdentifier(test.deps, 'first@example.com'))?._id).to.equal(first._id);
  });

  it('gives an address to who proves to own it, not to an account that never did', async () => {
    const owner = await signUpAndConfirm(test, 'owner@example.com');
    await signedUp('second@example.com');
    await requestEmailChange(test.deps, { userId: owner._id, newEmail: 'second@example.com' }, ORIGIN);
    const token = tokenIn((await mailTo(test, 'second@example.com')).text);
    expect((await confirmEmail(test.deps, { token }, ORIGIN)).email).to.equal('second@example.com');
    expect(await test.deps.models.users.countDocuments()).to.equal(1);
  });

  it('changes the phone number by a code to the new one', async () => {
    const user = await signUpAndConfirm(test, 'ada@example.com');
    await requestPhoneChange(test.deps, { userId: user._id, newPhone: '+44 20 7946 0102' }, ORIGIN);
    await test.settled();
    const code = codeIn(test.texts.at(-1)!.text);
    const wrong = code === '000000' ? '111111' : '000000';
    await refusal(confirmPhone(test.deps, { phone: '+442079460102', code: wrong }, ORIGIN), 'CODE_INVALID');
    const changed = await confirmPhone(test.deps, { phone: '+442079460102', code }, ORIGIN);
    expect(changed).to.include({ phone: '+442079460102', phoneVerified: true, email: 'ada@example.com' });
  });

  it('of a change is sent again too, and a change to the present contact is refused', async () => {
    const user = await signUpAndConfirm(test, 'ada@example.com');
    await requestEmailChange(test.deps, { userId: user._id, newEmail: 'new@example.com' }, ORIGIN);
    const first = tokenIn((await mailTo(test, 'new@example.com')).text);
    await resendConfirmation(test.deps, { email: 'new@example.com' }, ORIGIN);
    const second = tokenIn((await mailTo(test, 'new@example.com')).text);
    await refusal(confirmEmail(test.deps, { token: first }, ORIGIN), 'CODE_INVALID');
    await confirmEmail(test.deps, { token: second }, ORIGIN);
    const again = requestEmailChange(test.deps, { userId: user._id, newEmail: 'NEW@example.com' }, ORIGIN);
    expect((await refusal(again, 'BAD_USER_INPUT')).path).to.deep.equal(['newEmail']);
  });

  it('of a new number is told to the old one', async () => {
    const phone = '+442079460103';
    await signUp(test.deps, { phone, password: PASSWORD }, ORIGIN);
    await test.settled();
    const user = await confirmPhone(test.deps, { phone, code: codeIn(test.texts.at(-1)!.text) }, ORIGIN);
    await requestPhoneChange(test.deps, { userId: user._id, newPhone: '+442079460104' }, ORIGIN);
    await test.settled();
    const code = codeIn(test.texts.findLast(({ to }) => to === '+442079460104')!.text);
    expect(test.texts.findLast(({ to }) => to === phone)?.text).to.match(/about to change/);
    await confirmPhone(test.deps, { phone: '+442079460104', code }, ORIGIN);
    await test.settled();
    expect(test.texts.findLast(({ to }) => to === phone)?.text).to.match(/was changed/);
    await refusal(
      requestPhoneChange(test.deps, { userId: user._id, newPhone: '+44 20 7946 0104' }, ORIGIN),
      'BAD_USER_INPUT',
    );
  });

  it('limits how often it is asked for, known address or not', async () => {
    const limited = await createTestDeps();
    try {
      for (const email of ['known@example.com', 'unknown@example.com']) {
        for (let round = 0; round < 5; round += 1) await resendConfirmation(limited.deps, { email }, ORIGIN);
        const error = await refusal(resendConfirmation(limited.deps, { email }, ORIGIN), 'RATE_LIMITED');
        expect(error.retryAfterSeconds).to.be.within(1, 3600);
      }
    } finally {
      await limited.close();
    }
  });
});
