import { expect } from 'chai';
import {
  beginMessageEnrolment,
  confirmMessageEnrolment,
  sendFactorCode,
  verifyFactorCode,
} from '../../../src/identity/factors/messageCodes.js';
import type { User } from '../../../src/models/user.js';
import { createTestDeps, storeUser, type TestDeps } from '../../support/deps.js';

const ADDRESS = 'ada@example.com';
const NUMBER = '+442079460018';
const together = <T>(act: () => Promise<T>) => Promise.allSettled(Array.from({ length: 50 }, act));

describe('codes by mail and message', () => {
  let test: TestDeps;
  let user: User;
  beforeEach(async () => {
    test = await createTestDeps({ config: { rateLimits: { enabled: false } } });
    user = await storeUser(test.deps, {
      email: ADDRESS,
      emailVerified: true,
      phone: NUMBER,
      phoneVerified: true,
    });
  });
  afterEach(() => test.close());

  const codeAt = async (address: string) => {
    await test.settled();
    const sent = [...test.mails, ...test.texts].filter(({ to }) => to === address).at(-1);
    return /\b\d{6}\b/.exec(sent?.text ?? '')?.[0] ?? '';
  };

  for (const [kind, address] of [
    ['email', ADDRESS],
    ['sms', NUMBER],
  ] as const) {
    it(`of ${kind} confirm one enrolment of 50, and let one of 50 callers in`, async () => {
      const factor = await beginMessageEnrolment(test.deps, user, kind);
      const first = await codeAt(address);
      const confirmed = await together(() => confirmMessageEnrolment(test.deps, user._id, factor._id, first));
      expect(confirmed.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
      test.clock.advance(31);
      expect((await sendFactorCode(test.deps, user, factor)).sent).to.equal(true);
      const code = await codeAt(address);
      const answers = await together(() => verifyFactorCode(test.deps, user._id, factor._id, code));
      const right = answers.filter((each) => each.status === 'fulfilled' && each.value);
      expect(right).to.have.length(1);
    });
  }

  it('are sent once in half a minute, however often an enrolment is begun', async () => {
    const begin = () => beginMessageEnrolment(test.deps, user, 'sms');
    const factor = await begin();
    const code = await codeAt(NUMBER);
    expect((await begin())._id).to.equal(factor._id);
    await test.settled();
    expect(test.texts).to.have.length(1);
    test.clock.advance(31);
    await begin();
    await test.settled();
    expect(test.texts).to.have.length(2);
    const newest = await codeAt(NUMBER);
    if (newest !== code) {
      const old = confirmMessageEnrolment(test.deps, user._id, factor._id, code);
      expect(await old.catch((error: unknown) => error)).to.have.property('code', 'CODE_INVALID');
    }
    await confirmMessageEnrolment(test.deps, user._id, factor._id, newest);
  });

  it('are over after five minutes, and after another was sent', async () => {
    const factor = await beginMessageEnrolment(test.deps, user, 'email');
    await confirmMessageEnrolment(test.deps, user._id, factor._id, await codeAt(ADDRESS));
    const send = async () => {
      test.clock.advance(31);
      await sendFactorCode(test.deps, user, factor);
      return codeAt(ADDRESS);
    };
    const verify = (code: string) => verifyFactorCode(test.deps, user._id, factor._id, code);
    const old = await send();
    test.clock.advance(301);
    expect(await verify(old)).to.equal(false);
    const replaced = await send();
    const newest = await send();
    if (replaced !== newest) expect(await verify(replaced)).to.equal(false);
    expect(await verify(newest)).to.equal(true);
  });
});
