import { expect } from 'chai';
import {
  confirmEmail,
  confirmPhone,
  resendConfirmation,
} from '../../../src/identity/accounts/confirmations.js';
import { verifyCredentials } from '../../../src/identity/accounts/credentials.js';
import { findUserByIdentifier } from '../../../src/identity/accounts/lookup.js';
import { requestPasswordReset, resetPassword } from '../../../src/identity/accounts/passwords.js';
import { signUp } from '../../../src/identity/accounts/signUp.js';
import { createTestDeps, ORIGIN, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';
import {
  auditText,
  codeIn,
  mailTo,
  OTHER_PASSWORD,
  PASSWORD,
  signUpAndConfirm,
  tokenIn,
  UNLIMITED,
} from './support.js';

describe('sign-up', () => {
  let test: TestDeps;
  before(async () => {
    test = await createTestDeps({ config: UNLIMITED });
  });
  after(() => test.close());

  it('makes an account with the default roles that waits for its confirmation', async () => {
    await signUp(
      test.deps,
      { email: 'Ada@Example.com', username: 'Ada', password: PASSWORD, name: 'Ada L.' },
      ORIGIN,
    );
    const user = await findUserByIdentifier(test.deps, 'ada@example.COM');
    expect(user).to.include({
      email: 'Ada@example.com',
      emailVerified: false,
      status: 'active',
      username: 'Ada',
    });
    expect(user?.roleAssignments.map(({ role }) => role)).to.deep.equal(['user']);
    expect(user?.unconfirmedExpiresAt).to.be.greaterThan(test.clock());
    expect(user).not.to.have.property('passwordHash');
    const mail = await mailTo(test, 'Ada@example.com');
    expect(mail.subject).to.match(/Confirm/);
    expect(mail.text).to.include('http://127.0.0.1:3000/confirm-email?token=');
  });

  it('by phone sends a code, and the code confirms', async () => {
    await signUp(test.deps, { phone: '+44 20 7946 0100', password: PASSWORD }, ORIGIN);
    await test.settled();
    const text = test.texts.findLast((sms) => sms.to === '+442079460100')!.text;
    expect(codeIn(text)).to.match(/^\d{6}$/);
    const user = await confirmPhone(test.deps, { phone: '+442079460100', code: codeIn(text) }, ORIGIN);
    expect(user).to.include({ phoneVerified: true });
    expect(user.unconfirmedExpiresAt ?? null).to.equal(null);
  });

  it('with e-mail and phone keeps the phone out of the account until it is confirmed', async () => {
    await signUp(
      test.deps,
      { email: 'both@example.com', phone: '+442079460101', password: PASSWORD },
      ORIGIN,
    );
    await test.settled();
    expect(await findUserByIdentifier(test.deps, '+442079460101')).to.equal(null);
    const code = codeIn(test.texts.findLast((sms) => sms.to === '+442079460101')!.text);
    const user = await confirmPhone(test.deps, { phone: '+442079460101', code }, ORIGIN);
    expect(user).to.include({ email: 'both@example.com', phone: '+442079460101', phoneVerified: true });
  });

  it('with a taken address answers alike, changes nothing and writes to the owner', async () => {
    const owner = await signUpAndConfirm(test, 'owner@example.com');
    const sent = test.mails.length;
    const answer = await signUp(
      test.deps,
      { email: 'OWNER@example.com', password: OTHER_PASSWORD, name: 'Eve' },
      ORIGIN,
    );
    expect(answer).to.equal(undefined);
    await test.settled();
    expect(test.mails.length).to.equal(sent + 1);
    expect((await mailTo(test, 'owner@example.com')).subject).to.match(/already have an account/);
    expect(await test.deps.models.users.findById(owner._id).lean()).to.deep.equal(owner);
    await verifyCredentials(test.deps, { identifier: 'owner@example.com', password: PASSWORD }, ORIGIN);
  });

  it('does the same number of hashes, writes and mails whether or not the address is taken', async () => {
    const work = async (email: string) => {
      let hashes = 0;
      const passwords = {
        ...test.deps.passwords,
        hash: (password: string) => {
          hashes += 1;
          return test.deps.passwords.hash(password);
        },
      };
      const counts = async () => [
        await test.deps.models.confirmations.countDocuments(),
        test.mails.length,
        await test.deps.models.auditEvents.countDocuments({ action: 'user.signUp' }),
      ];
      await test.settled();
      const before = await counts();
      await signUp({ ...test.deps, passwords }, { email, password: PASSWORD }, ORIGIN);
      await test.settled();
      const after = await counts();
      return [hashes, ...after.map((count, index) => count - (before[index] ?? 0))];
    };
    await signUpAndConfirm(test, 'taken@example.com');
    expect(await work('taken@example.com')).to.deep.equal([1, 1, 1, 1]);
    expect(await work('not-taken@example.com')).to.deep.equal([1, 1, 1, 1]);
  });

  it('never lets who signed up first with a strange address into what its owner opens later', async () => {
    const email = 'victim@example.com';
    await signUp(test.deps, { email, password: PASSWORD }, ORIGIN);
    const attackersLink = tokenIn((await mailTo(test, email)).text);

    await signUp(test.deps, { email, password: 'a.third-one.entirely' }, ORIGIN);
    const mail = await mailTo(test, email);
    // The second sign-up replaced nothing, and the first link confirms nothing any more.
    await refusal(confirmEmail(test.deps, { token: attackersLink }, ORIGIN), 'CODE_INVALID');
    await resetPassword(test.deps, { token: tokenIn(mail.text), newPassword: OTHER_PASSWORD }, ORIGIN);
    const user = await verifyCredentials(test.deps, { identifier: email, password: OTHER_PASSWORD }, ORIGIN);
    expect(user.emailVerified).to.equal(true);
    await refusal(
      verifyCredentials(test.deps, { identifier: email, password: PASSWORD }, ORIGIN),
      'INVALID_CREDENTIALS',
    );
  });

  it('gives an address free when its account was not confirmed in time', async () => {
    const own = await createTestDeps({ config: UNLIMITED });
    try {
      await signUp(own.deps, { email: 'late@example.com', username: 'late', password: PASSWORD }, ORIGIN);
      const first = await findUserByIdentifier(own.deps, 'late@example.com');
      own.clock.advance(own.deps.config.accounts.unconfirmedTtlSeconds + 1);
      expect(await findUserByIdentifier(own.deps, 'late@example.com')).to.equal(null);
      await signUp(
        own.deps,
        { email: 'late@example.com', username: 'late', password: OTHER_PASSWORD },
        ORIGIN,
      );
      const second = await findUserByIdentifier(own.deps, 'late@example.com');
      expect(second?._id).not.to.equal(first?._id);
    } finally {
      await own.close();
    }
  });

  it('tells that a username is taken, and tells it before it looks at the address', async () => {
    await signUpAndConfirm(test, 'named@example.com', { username: 'Named' });
    for (const email of ['named@example.com', 'somebody-else@example.com']) {
      const error = await refusal(
        signUp(test.deps, { email, username: 'NAMED', password: PASSWORD }, ORIGIN),
        'CONFLICT',
      );
      expect(error.path).to.deep.equal(['username']);
    }
    expect(await findUserByIdentifier(test.deps, 'somebody-else@example.com')).to.equal(null);
  });

  it('refuses weak passwords, missing contacts and odd names, and changes nothing', async () => {
    const count = await test.deps.models.users.countDocuments();
    const attempt = (input: object) => signUp(test.deps, { password: PASSWORD, ...input }, ORIGIN);
    await refusal(attempt({ email: 'weak@example.com', password: 'password1' }), 'PASSWORD_TOO_WEAK');
    await refusal(attempt({ email: 'weak@example.com', password: 'nul\0nul-tundra' }), 'BAD_USER_INPUT');
    await refusal(attempt({}), 'BAD_USER_INPUT');
    await refusal(attempt({ username: 'nocontact' }), 'BAD_USER_INPUT');
    await refusal(attempt({ email: { $ne: null } }), 'BAD_USER_INPUT');
    await refusal(attempt({ email: 'x@example.com', name: 'a\0b' }), 'BAD_USER_INPUT');
    await refusal(attempt({ email: 'x@example.com', name: 'x'.repeat(1_000_000) }), 'BAD_USER_INPUT');
    expect(await test.deps.models.users.countDocuments()).to.equal(count);
  });

  it('can be switched off', async () => {
    const config = { ...test.deps.config, accounts: { ...test.deps.config.accounts, signUp: false } };
    await refusal(
      signUp({ ...test.deps, config }, { email: 'no@example.com', password: PASSWORD }, ORIGIN),
      'FORBIDDEN',
    );
  });

  it('puts neither passwords nor tokens nor codes into the audit trail', async () => {
    const text = await auditText(test);
    for (const mail of test.mails.filter((sent) => sent.text.includes('token='))) {
      expect(text).not.to.include(tokenIn(mail.text).split('.')[1]);
      const code = codeIn(mail.text);
      if (code) expect(text).not.to.include(code);
    }
    expect(text).not.to.include(PASSWORD);
    expect(text).not.to.include('$argon2');
    expect(text).to.include('user.signUp');
  });

  it('stops writing to one address at the limit, without saying so', async () => {
    const own = await createTestDeps({
      config: { rateLimits: { message: { max: 3, windowSeconds: 3600 } } },
    });
    try {
      for (let round = 0; round < 6; round += 1) {
        await signUp(own.deps, { email: 'flooded@example.com', password: PASSWORD }, ORIGIN);
      }
      await own.settled();
      expect(own.mails).to.have.length(3);
    } finally {
      await own.close();
    }
  });

  it('leaves the last letter at work, whatever strangers ask for beyond the limit', async () => {
    const own = await createTestDeps({
      config: { rateLimits: { message: { max: 3, windowSeconds: 3600 } } },
    });
    try {
      const email = 'pestered@example.com';
      const again = () => signUp(own.deps, { email, password: OTHER_PASSWORD }, ORIGIN);
      await signUpAndConfirm(own, email);
      await requestPasswordReset(own.deps, { identifier: email }, ORIGIN);
      for (let round = 0; round < 6; round += 1) await again();
      const token = tokenIn((await mailTo(own, email)).text);
      await resetPassword(own.deps, { token, newPassword: OTHER_PASSWORD }, ORIGIN);
      expect(await own.deps.models.confirmations.countDocuments({ usedAt: null })).to.equal(0);

      // The same of confirmations that are asked for again.
      await signUp(own.deps, { email: 'new@example.com', password: PASSWORD }, ORIGIN);
      for (let round = 0; round < 3; round += 1) {
        await resendConfirmation(own.deps, { email: 'new@example.com' }, ORIGIN);
        await own.settled();
      }
      await confirmEmail(own.deps, { token: tokenIn((await mailTo(own, 'new@example.com')).text) }, ORIGIN);
    } finally {
      await own.close();
    }
  });
});
