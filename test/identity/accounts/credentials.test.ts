import { pbkdf2Sync } from 'node:crypto';
import { expect } from 'chai';
import { lockSecondsAfter } from '../../../src/identity/accounts/attempts.js';
import { verifyCredentials } from '../../../src/identity/accounts/credentials.js';
import { openEvents } from '../../../src/identity/audit/sealing.js';
import { createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';
import { auditText, mailTo, PASSWORD, UNLIMITED } from './support.js';

describe('credentials', () => {
  let test: TestDeps;
  beforeEach(async () => {
    test = await createTestDeps({ config: UNLIMITED });
  });
  afterEach(() => test.close());

  const stored = async (fields: object = {}) =>
    storeUser(test.deps, {
      email: 'ada@example.com',
      passwordHash: await test.deps.passwords.hash(PASSWORD),
      ...fields,
    });
  const attempt = (identifier: string, password: string = PASSWORD) =>
    verifyCredentials(test.deps, { identifier, password }, ORIGIN);
  const hashOf = async (id: string) =>
    (await test.deps.models.users.findById(id).select('+passwordHash').lean())?.passwordHash;

  it('are an e-mail address, phone or username in any spelling, and the password', async () => {
    const user = await stored({ phone: '+442079460018', username: 'Ada', usernameNormalized: 'ada' });
    for (const identifier of ['ADA@example.com', ' +44 20 7946 0018', 'aDa']) {
      const signedIn = await attempt(identifier);
      expect(signedIn._id).to.equal(user._id);
      expect(signedIn).not.to.have.property('passwordHash');
      expect(signedIn.lastSignInAt).to.be.instanceOf(Date);
      expect(signedIn.updatedAt).to.deep.equal(user.updatedAt);
    }
  });

  it('answer the same to a wrong password, an unknown user and a user without password', async () => {
    await stored();
    await storeUser(test.deps, { email: 'nopassword@example.com' });
    const errors = [
      await refusal(attempt('ada@example.com', 'wrong'), 'INVALID_CREDENTIALS'),
      await refusal(attempt('nobody@example.com'), 'INVALID_CREDENTIALS'),
      await refusal(attempt('nopassword@example.com'), 'INVALID_CREDENTIALS'),
      await refusal(attempt('\0'), 'INVALID_CREDENTIALS'),
      await refusal(attempt('x'.repeat(100_000)), 'INVALID_CREDENTIALS'),
      await refusal(attempt({ $ne: null } as never), 'INVALID_CREDENTIALS'),
    ];
    for (const error of errors) {
      expect(error).to.include({ publicMessage: undefined, path: undefined, retryAfterSeconds: undefined });
    }
  });

  it('lock after five failures in a row, whether or not there is an account', async () => {
    await stored();
    for (const identifier of ['ada@example.com', 'nobody@example.com', 'not an identifier at all!']) {
      for (let failure = 0; failure < 5; failure += 1) {
        await refusal(attempt(identifier, 'wrong'), 'INVALID_CREDENTIALS');
      }
      const error = await refusal(attempt(identifier, 'wrong'), 'ACCOUNT_LOCKED');
      expect(error.retryAfterSeconds).to.be.within(58, 60);
      expect(error.publicMessage).to.equal(undefined);
    }
    // Also for the right password.
    await refusal(attempt('ada@example.com'), 'ACCOUNT_LOCKED');
  });

  it('lock for twice as long after each further failure, up to the longest', async () => {
    await stored();
    for (let failure = 0; failure < 5; failure += 1)
      await refusal(attempt('ada@example.com', 'no'), 'INVALID_CREDENTIALS');
    for (const seconds of [120, 240, 480]) {
      const { retryAfterSeconds = 0 } = await refusal(attempt('ada@example.com', 'no'), 'ACCOUNT_LOCKED');
      test.clock.advance(retryAfterSeconds);
      await refusal(attempt('ada@example.com', 'no'), 'INVALID_CREDENTIALS');
      const locked = await refusal(attempt('ada@example.com', 'no'), 'ACCOUNT_LOCKED');
      expect(locked.retryAfterSeconds).to.be.within(seconds - 2, seconds);
    }
    const lockout = test.deps.config.lockout;
    expect(lockSecondsAfter(lockout, 4)).to.equal(null);
    expect(lockSecondsAfter(lockout, 1000)).to.equal(lockout.maxDelaySeconds);
  });

  it('start to count anew after a success', async () => {
    await stored();
    for (let round = 0; round < 3; round += 1) {
      for (let failure = 0; failure < 4; failure += 1) {
        await refusal(attempt('ada@example.com', 'no'), 'INVALID_CREDENTIALS');
      }
      await attempt('ada@example.com');
    }
    expect(await test.deps.models.failedAttempts.countDocuments()).to.equal(0);
  });

  it('that fail too often are told to the owner, once', async () => {
    await stored();
    for (let failure = 0; failure < 5; failure += 1)
      await refusal(attempt('ada@example.com', 'no'), 'INVALID_CREDENTIALS');
    await refusal(attempt('ada@example.com', 'no'), 'ACCOUNT_LOCKED');
    expect((await mailTo(test, 'ada@example.com')).subject).to.match(/Failed sign-ins/);
    expect(test.mails).to.have.length(1);
  });

  it('of a locked or disabled account are judged before anything is told', async () => {
    await stored({ status: 'locked', lockedAt: new Date() });
    await storeUser(test.deps, {
      email: 'gone@example.com',
      status: 'disabled',
      passwordHash: await test.deps.passwords.hash(PASSWORD),
    });
    for (const identifier of ['ada@example.com', 'gone@example.com']) {
      await refusal(attempt(identifier, 'wrong'), 'INVALID_CREDENTIALS');
      await refusal(attempt(identifier), 'ACCOUNT_LOCKED');
    }
  });

  it("lift an administrator's lock whose end has passed", async () => {
    const user = await stored({
      status: 'locked',
      lockedAt: test.clock(),
      lockedUntil: new Date(test.clock().getTime() + 60_000),
    });
    await refusal(attempt('ada@example.com'), 'ACCOUNT_LOCKED');
    test.clock.advance(61);
    const signedIn = await attempt('ada@example.com');
    expect(signedIn).to.include({ _id: user._id, status: 'active' });
    expect(signedIn.lockedUntil ?? null).to.equal(null);
  });

  it('that are right replace a hash of another scheme, once', async () => {
    const salt = Buffer.from('0123456789abcdef');
    const b64 = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
    const legacy = `$pbkdf2-sha256$i=1000$${b64(salt)}$${b64(pbkdf2Sync(PASSWORD, salt, 1000, 32, 'sha256'))}`;
    const user = await stored({ passwordHash: legacy });
    await refusal(attempt('ada@example.com', 'wrong'), 'INVALID_CREDENTIALS');
    expect(await hashOf(user._id)).to.equal(legacy);
    await attempt('ada@example.com');
    const replaced = await hashOf(user._id);
    expect(replaced).to.match(/^\$argon2id\$/);
    await attempt('ada@example.com');
    expect(await hashOf(user._id)).to.equal(replaced);
  });

  it('let everybody in who signs in at once while the hash is replaced', async () => {
    const salt = Buffer.from('0123456789abcdef');
    const b64 = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
    await stored({
      passwordHash: `$pbkdf2-sha1$i=10$${b64(salt)}$${b64(pbkdf2Sync(PASSWORD, salt, 10, 20, 'sha1'))}`,
    });
    await Promise.all(Array.from({ length: 6 }, () => attempt('ada@example.com')));
  });

  it('must be changed: the flag reaches the door', async () => {
    await stored({ mustChangePassword: true });
    expect((await attempt('ada@example.com')).mustChangePassword).to.equal(true);
  });

  it('are limited per account, known or not, right or wrong', async () => {
    const limited = await createTestDeps({ config: { lockout: { maxFailures: 100 } } });
    try {
      await storeUser(limited.deps, {
        email: 'ada@example.com',
        passwordHash: await limited.deps.passwords.hash(PASSWORD),
      });
      for (const [identifier, password] of [
        ['ada@example.com', PASSWORD],
        ['nobody@example.com', 'x'],
      ] as const) {
        const one = () => verifyCredentials(limited.deps, { identifier, password }, ORIGIN);
        for (let round = 0; round < 10; round += 1) await one().catch(() => undefined);
        const error = await refusal(one(), 'RATE_LIMITED');
        expect(error.retryAfterSeconds).to.be.within(1, 3600);
      }
    } finally {
      await limited.close();
    }
  });

  it('are audited where they are refused, with the reason and without the password', async () => {
    const user = await stored();
    await attempt('ada@example.com');
    await refusal(attempt('ada@example.com', 'my-secret-guess'), 'INVALID_CREDENTIALS');
    await refusal(attempt('my-secret-typed-as-name'), 'INVALID_CREDENTIALS');
    const text = await auditText(test);
    expect(text).not.to.include('my-secret');
    const signIns = await test.deps.models.auditEvents
      .find({ action: 'user.signIn' })
      .sort({ _id: 1 })
      .lean();
    const events = await openEvents(test.deps, signIns);
    expect(events.map(({ outcome, reason }) => [outcome, reason ?? null])).to.deep.equal([
      ['denied', 'wrongPassword'],
      ['denied', 'unknownIdentifier'],
    ]);
    expect(events[0]?.objectId).to.equal(user._id);
    expect(events[0]?.address).to.equal(ORIGIN.address);
    expect(JSON.stringify(await test.deps.models.failedAttempts.find().lean())).not.to.include('my-secret');
  });

  it('wait for nothing when the password queue is full', async () => {
    const busy = await createTestDeps({
      config: { ...UNLIMITED, passwords: { argon2: { concurrency: 1, queueLength: 1 } } },
    });
    try {
      const results = await Promise.allSettled(
        Array.from({ length: 10 }, (_, index) =>
          verifyCredentials(busy.deps, { identifier: `user${index}@example.com`, password: 'x' }, ORIGIN),
        ),
      );
      const codes = results.map((result) => (result.status === 'rejected' ? result.reason.code : 'ok'));
      expect(codes).to.include('UNAVAILABLE').and.to.include('INVALID_CREDENTIALS');
    } finally {
      await busy.close();
    }
  });
});
