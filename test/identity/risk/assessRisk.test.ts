import { hash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { rememberDevice } from '../../../src/identity/defence/knownDevices.js';
import type { RequestOrigin } from '../../../src/identity/ports.js';
import { assessRisk } from '../../../src/identity/risk/assessRisk.js';
import { isSuspiciousAddress, noteFailedPair, suspicionOf } from '../../../src/identity/risk/stuffing.js';
import { createSession } from '../../../src/identity/sessions/sessions.js';
import type { User } from '../../../src/models/user.js';
import { type ConfigInput, createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { OTHER_PASSWORD, PASSWORD, UNLIMITED } from '../accounts/support.js';

const BERLIN = { city: 'Berlin', country: 'Germany', latitude: 52.5, longitude: 13.4 };
const SYDNEY = { city: 'Sydney', country: 'Australia', latitude: -33.9, longitude: 151.2 };
const places = {
  placeOf: (address: string) =>
    address.startsWith('192.0.2.') ? BERLIN : address.startsWith('198.51.100.') ? SYDNEY : null,
};

describe('the risk of a sign-in', () => {
  let test: TestDeps;
  let ada: User;
  const HOME: RequestOrigin = { ...ORIGIN, address: '192.0.2.1' };
  const ABROAD: RequestOrigin = { ...ORIGIN, address: '198.51.100.1' };

  async function open(config: ConfigInput = {}): Promise<void> {
    test = await createTestDeps({ config: { ...UNLIMITED, ...config }, deps: { places } });
    ada = await storeUser(test.deps, { email: 'ada@example.com' });
  }
  afterEach(() => test.close());

  const assess = (origin: RequestOrigin, password = PASSWORD) =>
    assessRisk(test.deps, { user: ada, password }, origin);
  const signInFrom = (origin: RequestOrigin) =>
    createSession(test.deps, { user: ada, amr: ['pwd'], withCookie: true }, origin);

  it('is none for a first sign-in, nor for one like the last', async () => {
    await open();
    expect(await assess(HOME)).to.deep.equal({ outcome: 'allow', score: 0, signals: [] });
    await signInFrom(HOME);
    expect((await assess(HOME)).signals).to.deep.equal([]);
    expect(await test.deps.models.auditEvents.countDocuments({ action: 'user.assessRisk' })).to.equal(0);
  });

  it('sees a new device, and one that the account knows wherever it is', async () => {
    await open();
    await signInFrom(HOME);
    expect(await assess({ ...HOME, userAgent: 'curl/8' })).to.deep.equal({
      outcome: 'allow',
      score: 20,
      signals: ['newDevice'],
    });
    const { token } = await rememberDevice(test.deps, ada._id, HOME);
    const elsewhere = { ...HOME, address: '203.0.113.99', deviceToken: token };
    expect((await assess(elsewhere)).signals).to.deep.equal([]);
  });

  it('sees a journey that nobody makes, and none where the time or the place allows it', async () => {
    await open();
    await signInFrom(HOME);
    expect((await assess(ABROAD)).signals).to.deep.equal(['newDevice', 'impossibleTravel']);
    expect((await assess({ ...ORIGIN, address: '203.0.113.5' })).signals).to.deep.equal(['newDevice']);
    test.clock.advance(20 * 3600);
    expect((await assess(ABROAD)).signals).to.deep.equal(['newDevice']);
  });

  it('weighs a sign-in without a password by everything else', async () => {
    await open();
    await signInFrom(HOME);
    const { signals } = await assessRisk(test.deps, { user: ada }, ABROAD);
    expect(signals).to.deep.equal(['newDevice', 'impossibleTravel']);
  });

  it('sees breached passwords, of the bundled list and of range files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ranges-'));
    try {
      const digest = hash('sha1', OTHER_PASSWORD, 'hex').toUpperCase();
      const padded = hash('sha1', PASSWORD, 'hex').toUpperCase();
      await writeFile(
        join(folder, `${digest.slice(0, 5)}.txt`),
        `${'0'.repeat(35)}:3\r\n${digest.slice(5)}:7\r\n`,
      );
      await writeFile(join(folder, padded.slice(0, 5)), `${padded.slice(5)}:0\r\n`);
      await open({ risk: { breachedRangesDirectory: folder } });
      expect((await assess(HOME, 'password1')).signals).to.deep.equal(['breachedPassword']);
      expect((await assess(HOME, OTHER_PASSWORD)).signals).to.deep.equal(['breachedPassword']);
      expect((await assess(HOME, PASSWORD)).signals).to.deep.equal([]);
      expect((await assess(HOME, 'neither here nor there')).signals).to.deep.equal([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('sees an address that tries many accounts, each counted once, for an hour after its last', async () => {
    await open();
    const list = (count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, index) =>
          noteFailedPair(test.deps, `name${index}`, ABROAD.address),
        ),
      );
    await list(9);
    await list(9);
    expect(await isSuspiciousAddress(test.deps, ABROAD.address)).to.equal(false);
    await list(10);
    expect(await isSuspiciousAddress(test.deps, ABROAD.address)).to.equal(true);
    expect((await assess(ABROAD)).signals).to.deep.equal(['stuffingAddress']);
    const { token } = await rememberDevice(test.deps, ada._id, HOME);
    expect((await assess({ ...ABROAD, deviceToken: token })).signals).to.deep.equal([]);
    test.clock.advance(3601);
    expect(await isSuspiciousAddress(test.deps, ABROAD.address)).to.equal(false);
  });

  it('sees an account that many addresses try', async () => {
    await open();
    for (let address = 1; address <= 5; address += 1) {
      await noteFailedPair(test.deps, `account:${ada._id}`, `203.0.113.${address}`);
    }
    expect(await suspicionOf(test.deps, `account:${ada._id}`, HOME.address)).to.deep.equal({
      address: false,
      account: true,
      wave: false,
    });
    expect((await assess(HOME)).signals).to.deep.equal(['accountUnderAttack']);
  });

  it('sees a list being tried by many machines, each of which does little', async () => {
    await open({ risk: { failuresOfWave: 30 } });
    for (let machine = 0; machine < 30; machine += 1) {
      await noteFailedPair(test.deps, `name${machine}`, `198.18.${machine}.1`);
    }
    expect((await assess(HOME)).signals).to.deep.equal(['stuffingWave']);
  });

  it('adds weights up to a challenge and a refusal, audited, of which the owner hears once an hour', async () => {
    await open({ risk: { weights: { newDevice: 40, impossibleTravel: 30, breachedPassword: 60 } } });
    await signInFrom(HOME);
    const strange = { ...ABROAD, userAgent: 'curl/8' };
    expect(await assess(strange)).to.include({ outcome: 'challenge', score: 70 });
    expect(await assess(strange, 'password1')).to.include({ outcome: 'deny', score: 130 });
    await assess(strange, 'password1');
    await test.settled();
    expect(test.mails.map(({ subject }) => subject)).to.deep.equal([
      'A sign-in to your account at 127.0.0.1:3000 was refused',
    ]);
    const events = await test.deps.models.auditEvents.find({ action: 'user.assessRisk' }).lean();
    expect(events.map(({ outcome }) => outcome)).to.deep.equal(['success', 'denied', 'denied']);
  });

  it('is not weighed where that is switched off', async () => {
    await open({ risk: { enabled: false } });
    await signInFrom(HOME);
    expect((await assess(ABROAD, 'password1')).outcome).to.equal('allow');
  });
});
