import { expect } from 'chai';
import { requestEmailChange } from '../../../src/identity/accounts/changeContact.js';
import { confirmEmail } from '../../../src/identity/accounts/confirmations.js';
import { verifyCredentials } from '../../../src/identity/accounts/credentials.js';
import {
  changePassword,
  requestPasswordReset,
  resetPassword,
} from '../../../src/identity/accounts/passwords.js';
import { isTrustedDevice, trustDevice } from '../../../src/identity/factors/trustedDevices.js';
import { createSession } from '../../../src/identity/sessions/sessions.js';
import type { User } from '../../../src/models/user.js';
import { createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { storePasskey } from '../../support/passkey.js';
import { refusal } from '../../support/refusal.js';
import { auditText, mailTo, OTHER_PASSWORD, PASSWORD, tally, tokenIn, UNLIMITED } from './support.js';

describe('passwords', () => {
  let test: TestDeps;
  let ada: User;
  beforeEach(async () => {
    test = await createTestDeps({ config: UNLIMITED });
    const passwordHash = await test.deps.passwords.hash(PASSWORD);
    ada = await storeUser(test.deps, { email: 'ada@example.com', passwordHash });
  });
  afterEach(() => test.close());

  const signIn = (password: string) =>
    verifyCredentials(test.deps, { identifier: 'ada@example.com', password }, ORIGIN);
  const openSession = () => createSession(test.deps, { user: ada, amr: ['pwd'], withCookie: false }, ORIGIN);
  const aliveSessions = async () =>
    (await test.deps.models.sessions.find({ userId: ada._id, revokedAt: null }).lean()).map(({ _id }) => _id);
  const requestedToken = async (identifier = 'ada@example.com') => {
    await requestPasswordReset(test.deps, { identifier }, ORIGIN);
    return tokenIn((await mailTo(test, 'ada@example.com')).text);
  };
  const reset = (token: string, newPassword = OTHER_PASSWORD) =>
    resetPassword(test.deps, { token, newPassword }, ORIGIN);

  it('are reset by a mailed link, once, and every session ends', async () => {
    await openSession();
    const token = await requestedToken();
    await reset(token);
    expect(await aliveSessions()).to.deep.equal([]);
    await signIn(OTHER_PASSWORD);
    await refusal(signIn(PASSWORD), 'INVALID_CREDENTIALS');
    await refusal(reset(token), 'CODE_INVALID');
    expect((await mailTo(test, 'ada@example.com')).subject).to.match(/was changed/);
  });

  it('that are reset end the trust in browsers: a thief of a device reads its mail as well', async () => {
    const trusted = await trustDevice(test.deps, ada._id, ORIGIN);
    expect(await isTrustedDevice(test.deps, ada._id, trusted)).to.equal(true);
    await reset(await requestedToken());
    expect(await isTrustedDevice(test.deps, ada._id, trusted)).to.equal(false);
  });

  it('whose reset confirms the account for the first time leave no key of whoever signed up with the address', async () => {
    const keys = () => test.deps.models.factors.countDocuments({ userId: ada._id });
    await storePasskey(test.deps, ada._id);
    await reset(await requestedToken());
    expect(await keys(), 'of a confirmed account').to.equal(1);
    await test.deps.models.users.updateOne({ _id: ada._id }, { $set: { emailVerified: false } });
    await reset(await requestedToken(), 'ginger.Walnut.parade.7');
    expect(await keys()).to.equal(0);
  });

  it('can be reset for thirty minutes', async () => {
    const token = await requestedToken();
    test.clock.advance(1801);
    await refusal(reset(token), 'CODE_INVALID');
    await signIn(PASSWORD);
  });

  it('that are too weak leave the link usable', async () => {
    const token = await requestedToken();
    const error = await refusal(reset(token, 'ada'), 'PASSWORD_TOO_WEAK');
    expect(error.path).to.deep.equal(['newPassword']);
    await reset(token);
  });

  it('are reset by one of twenty uses of a link', async () => {
    const token = await requestedToken();
    const counts = await tally(Array.from({ length: 20 }, () => reset(token)));
    expect(counts).to.deep.equal({ ok: 1, CODE_INVALID: 19 });
  });

  it('are asked for with the same answer by anybody for anybody', async () => {
    const answers = [];
    for (const identifier of ['ada@example.com', 'nobody@example.com', '+442079460018', 'noname', '\0']) {
      answers.push(await requestPasswordReset(test.deps, { identifier }, ORIGIN));
    }
    await test.settled();
    expect(answers).to.deep.equal([undefined, undefined, undefined, undefined, undefined]);
    expect(test.mails).to.have.length(1);
  });

  it('are looked for after the reply, so that its time tells nothing', async () => {
    let reads = 0;
    const users = new Proxy(test.deps.models.users, {
      get(model, key) {
        if (key === 'findOne') reads += 1;
        const value: unknown = Reflect.get(model, key);
        return typeof value === 'function' ? value.bind(model) : value;
      },
    });
    const held: (() => Promise<void>)[] = [];
    const messages = {
      ...test.deps.messages,
      enqueue: (_purpose: string, job: () => Promise<void>) => void held.push(job),
    };
    const deps = { ...test.deps, models: { ...test.deps.models, users }, messages };
    await requestPasswordReset(deps, { identifier: 'ada@example.com' }, ORIGIN);
    expect(reads).to.equal(0);
    await held[0]!();
    expect(reads).to.equal(1);
  });

  it("reset lifts the lock of failures but not an administrator's", async () => {
    for (let failure = 0; failure < 5; failure += 1) await refusal(signIn('no'), 'INVALID_CREDENTIALS');
    await refusal(signIn(PASSWORD), 'ACCOUNT_LOCKED');
    await reset(await requestedToken());
    await signIn(OTHER_PASSWORD);

    await test.deps.models.users.updateOne({ _id: ada._id }, { $set: { status: 'locked' } });
    await reset(await requestedToken(), 'third.password.lantern');
    await refusal(signIn('third.password.lantern'), 'ACCOUNT_LOCKED');
  });

  it('reset confirms the address that the link was sent to', async () => {
    await test.deps.models.users.updateOne(
      { _id: ada._id },
      { $set: { emailVerified: false, unconfirmedExpiresAt: new Date(Date.now() + 60_000) } },
    );
    await reset(await requestedToken());
    const user = await signIn(OTHER_PASSWORD);
    expect(user.emailVerified).to.equal(true);
    expect(user.unconfirmedExpiresAt ?? null).to.equal(null);
  });

  it('reset voids what a thief may have left open', async () => {
    await requestEmailChange(test.deps, { userId: ada._id, newEmail: 'thief@example.com' }, ORIGIN);
    const thiefs = tokenIn((await mailTo(test, 'thief@example.com')).text);
    await reset(await requestedToken());
    await refusal(confirmEmail(test.deps, { token: thiefs }, ORIGIN), 'CODE_INVALID');
  });

  it('are never mailed to an unconfirmed address beside a confirmed number', async () => {
    await storeUser(test.deps, {
      email: 'typo@example.com',
      emailVerified: false,
      phone: '+442079460018',
      phoneVerified: true,
    });
    await requestPasswordReset(test.deps, { identifier: 'typo@example.com' }, ORIGIN);
    await test.settled();
    expect(test.mails).to.have.length(0);
    expect(test.texts.map(({ to }) => to)).to.deep.equal(['+442079460018']);
    await reset(tokenIn(test.texts[0]!.text));
  });

  it('links are limited per target, known or not', async () => {
    const limited = await createTestDeps();
    try {
      for (const identifier of ['ada@example.com', 'nobody@example.com', 'x'.repeat(10_000)]) {
        const ask = () => requestPasswordReset(limited.deps, { identifier }, ORIGIN);
        for (let round = 0; round < 5; round += 1) await ask();
        await refusal(ask(), 'RATE_LIMITED');
      }
    } finally {
      await limited.close();
    }
  });

  describe('changed by their owner', () => {
    const change = (currentPassword: string, newPassword: string, keepSessionId: string | null = null) =>
      changePassword(test.deps, { userId: ada._id, currentPassword, newPassword, keepSessionId }, ORIGIN);

    it('end the other sessions and are told by mail', async () => {
      const { session: kept } = await openSession();
      await openSession();
      await change(PASSWORD, OTHER_PASSWORD, kept._id);
      expect(await aliveSessions()).to.deep.equal([kept._id]);
      expect((await mailTo(test, 'ada@example.com')).subject).to.match(/was changed/);
      await signIn(OTHER_PASSWORD);
    });

    it('clear the demand to change them', async () => {
      await test.deps.models.users.updateOne({ _id: ada._id }, { $set: { mustChangePassword: true } });
      await change(PASSWORD, OTHER_PASSWORD);
      expect((await signIn(OTHER_PASSWORD)).mustChangePassword).to.equal(false);
    });

    it('need the present one, and wrong guesses count', async () => {
      for (let failure = 0; failure < 5; failure += 1)
        await refusal(change('no', OTHER_PASSWORD), 'INVALID_CREDENTIALS');
      await refusal(change(PASSWORD, OTHER_PASSWORD), 'ACCOUNT_LOCKED');
      // A thief of the session cannot keep its owner from signing in.
      await signIn(PASSWORD);
    });

    it('must be new and strong', async () => {
      await refusal(change(PASSWORD, PASSWORD), 'BAD_USER_INPUT');
      await refusal(change(PASSWORD, 'adaexample'), 'PASSWORD_TOO_WEAK');
    });

    it('change once of two changes at the same time', async () => {
      const counts = await tally([
        change(PASSWORD, OTHER_PASSWORD),
        change(PASSWORD, 'third.password.lantern'),
      ]);
      expect(counts['ok']).to.equal(1);
    });
  });

  it('leave no trace in the audit trail but that they changed', async () => {
    await reset(await requestedToken());
    const text = await auditText(test);
    expect(text).to.include('user.resetPassword').and.to.include('user.requestPasswordReset');
    expect(text).not.to.include(OTHER_PASSWORD);
    expect(text).not.to.include('$argon2');
  });
});
