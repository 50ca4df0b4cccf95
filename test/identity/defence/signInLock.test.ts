import { expect } from 'chai';
import { clearFailures } from '../../../src/identity/accounts/attempts.js';
import { verifyCredentials } from '../../../src/identity/accounts/credentials.js';
import { createProof } from '../../../src/identity/accounts/oneTimeProof.js';
import { assertPassword } from '../../../src/identity/accounts/ownPassword.js';
import { unlockByLink } from '../../../src/identity/accounts/unlock.js';
import { forgetKnownDevices, rememberDevice } from '../../../src/identity/defence/knownDevices.js';
import type { RequestOrigin } from '../../../src/identity/ports.js';
import type { User } from '../../../src/models/user.js';
import { createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';
import { auditText, PASSWORD, tally, tokenIn, UNLIMITED } from '../accounts/support.js';

describe('the lock of sign-ins', () => {
  let test: TestDeps;
  let ada: User;
  let known: RequestOrigin;
  const HOME: RequestOrigin = { ...ORIGIN, address: '192.0.2.1' };
  const stranger = (number: number): RequestOrigin => ({ ...ORIGIN, address: `198.51.100.${number}` });

  beforeEach(async () => {
    test = await createTestDeps({ config: { ...UNLIMITED, captcha: { demand: 'never' } } });
    ada = await storeUser(test.deps, {
      email: 'ada@example.com',
      passwordHash: await test.deps.passwords.hash(PASSWORD),
    });
    const { token } = await rememberDevice(test.deps, ada._id, HOME);
    known = { ...HOME, deviceToken: token };
  });
  afterEach(() => test.close());

  const attempt = (origin: RequestOrigin, password = PASSWORD, identifier = 'ada@example.com') =>
    verifyCredentials(test.deps, { identifier, password }, origin);
  async function attack(origin: RequestOrigin, guesses: number): Promise<void> {
    for (let guess = 0; guess < guesses; guess += 1) {
      await refusal(attempt(origin, `guess ${guess}`), 'INVALID_CREDENTIALS');
    }
  }
  /** Locks the account for every unknown device. */
  async function attackFromManyAddresses(): Promise<void> {
    for (let address = 1; address <= 5; address += 1) await attack(stranger(address), 4);
  }

  it('that one address earned is no lock of another', async () => {
    await attack(stranger(1), 5);
    await refusal(attempt(stranger(1)), 'ACCOUNT_LOCKED');
    await attempt(stranger(2));
  });

  it('comes for every unknown device after twenty failures from anywhere', async () => {
    await attackFromManyAddresses();
    const { retryAfterSeconds } = await refusal(attempt(stranger(200)), 'ACCOUNT_LOCKED');
    expect(retryAfterSeconds).to.be.within(58, 60);
    test.clock.advance(61);
    await attempt(stranger(200));
  });

  it('never reaches a device that the account knows, whatever strangers do', async () => {
    await attackFromManyAddresses();
    await refusal(attempt(HOME), 'ACCOUNT_LOCKED');
    await attempt(known);
    // Also where the stranger is behind the same address.
    await attack({ ...HOME, address: '192.0.2.2' }, 0);
    expect((await attempt({ ...known, address: stranger(1).address }))._id).to.equal(ada._id);
  });

  it('goes on for strangers when the owner signs in on a known device', async () => {
    await attackFromManyAddresses();
    await attempt(known);
    await refusal(attempt(stranger(200)), 'ACCOUNT_LOCKED');
  });

  it('comes for a known device after its own five failures', async () => {
    await attack(known, 5);
    await refusal(attempt(known), 'ACCOUNT_LOCKED');
    // It has cost nobody else anything.
    await attempt(stranger(1));
  });

  it('is not escaped by a value that the account does not know', async () => {
    const grace = await storeUser(test.deps, { email: 'grace@example.com' });
    const { token } = await rememberDevice(test.deps, grace._id, stranger(9));
    await attackFromManyAddresses();
    for (const deviceToken of [token, 'x'.repeat(43), 'short', '']) {
      await refusal(attempt({ ...stranger(9), deviceToken }), 'ACCOUNT_LOCKED');
    }
  });

  it('ends for a known device that was forgotten, or not seen for too long', async () => {
    await attackFromManyAddresses();
    await forgetKnownDevices(test.deps, ada._id);
    await refusal(attempt(known), 'ACCOUNT_LOCKED');
    const again = await rememberDevice(test.deps, ada._id, HOME);
    test.clock.advance((test.deps.config.risk.knownDeviceDays + 1) * 86_400);
    await attack({ ...HOME, deviceToken: again.token }, 5);
    await refusal(attempt({ ...HOME, address: HOME.address }), 'ACCOUNT_LOCKED');
  });

  it('comes for an address that failed fifty times, at whichever accounts, and not for known devices there', async () => {
    for (let guess = 0; guess < 50; guess += 1) {
      const nobody = `nobody${guess}@example.com`;
      await refusal(attempt(HOME, 'wrong', nobody), 'INVALID_CREDENTIALS');
    }
    await refusal(attempt(HOME, 'wrong', 'yet-another@example.com'), 'ACCOUNT_LOCKED');
    await refusal(attempt(HOME), 'ACCOUNT_LOCKED');
    await attempt(known);
    await attempt(stranger(1));
    test.clock.advance(61);
    await attempt(HOME);
    // One more failure, and the address waits twice as long.
    await refusal(attempt(HOME, 'wrong', 'nobody@example.com'), 'INVALID_CREDENTIALS');
    const { retryAfterSeconds } = await refusal(attempt(HOME), 'ACCOUNT_LOCKED');
    expect(retryAfterSeconds).to.be.within(118, 120);
  });

  it('cannot be used by strangers to keep a signed-in owner from their password', async () => {
    await attackFromManyAddresses();
    const owner = await assertPassword(test.deps, ada._id, PASSWORD, 'user.changePassword', HOME);
    expect(owner._id).to.equal(ada._id);
  });

  it('is lifted everywhere by whoever may lift it', async () => {
    await attackFromManyAddresses();
    await attack(known, 5);
    await clearFailures(test.deps, ada._id);
    await attempt(stranger(1));
    await attempt(known);
    expect(await test.deps.models.failedAttempts.countDocuments()).to.equal(0);
  });

  const unlockLink = async () => {
    await test.settled();
    return tokenIn(test.mails.at(-1)?.text ?? '');
  };

  it('is lifted everywhere by the link of the letter about it, once', async () => {
    await attackFromManyAddresses();
    await attack(known, 5);
    await refusal(attempt(stranger(200)), 'ACCOUNT_LOCKED');
    const token = await unlockLink();
    await unlockByLink(test.deps, token, HOME);
    await attempt(stranger(200));
    await attempt(known);
    await refusal(unlockByLink(test.deps, token, HOME), 'CODE_INVALID');
    expect(await auditText(test)).to.include('user.unlockByLink');
  });

  it('is lifted by one of fifty uses of the link', async () => {
    await attack(stranger(1), 5);
    const token = await unlockLink();
    const counts = await tally(Array.from({ length: 50 }, () => unlockByLink(test.deps, token, HOME)));
    expect(counts).to.deep.equal({ ok: 1, CODE_INVALID: 49 });
  });

  it('stays where the link is over, of another purpose, or the address is somebody else’s by now', async () => {
    await attack(stranger(1), 5);
    const late = await unlockLink();
    test.clock.advance(86_401);
    await refusal(unlockByLink(test.deps, late, HOME), 'CODE_INVALID');
    await attack(stranger(2), 5);
    const moved = await unlockLink();
    const reset = { kind: 'resetPassword', userId: ada._id, target: 'ada@example.com' } as const;
    const foreign = await createProof(test.deps, { ...reset, ttlSeconds: 900, codeDigits: 8 });
    await refusal(unlockByLink(test.deps, foreign.token, HOME), 'CODE_INVALID');
    const email = { email: 'new@example.com', emailNormalized: 'new@example.com' };
    await test.deps.models.users.updateOne({ _id: ada._id }, { $set: email });
    await refusal(unlockByLink(test.deps, moved, HOME), 'CODE_INVALID');
    expect(await test.deps.models.failedAttempts.countDocuments()).to.be.greaterThan(0);
  });

  it('of an administrator is not lifted by the link', async () => {
    await attack(stranger(1), 5);
    const token = await unlockLink();
    await test.deps.models.users.updateOne({ _id: ada._id }, { $set: { status: 'locked' } });
    await unlockByLink(test.deps, token, HOME);
    await refusal(attempt(HOME), 'ACCOUNT_LOCKED');
  });

  it('is told to the owner once an hour, however many addresses earn one', async () => {
    for (let address = 1; address <= 4; address += 1) await attack(stranger(address), 5);
    await test.settled();
    expect(test.mails.map(({ subject }) => subject)).to.deep.equal([
      'Failed sign-ins to your account at 127.0.0.1:3000',
    ]);
  });
});
