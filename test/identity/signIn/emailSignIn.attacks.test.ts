import { expect } from 'chai';
import { updateUser } from '../../../src/identity/accounts/administration.js';
import { requestEmailChange } from '../../../src/identity/accounts/changeContact.js';
import { confirmEmail } from '../../../src/identity/accounts/confirmations.js';
import { sendFactorCode } from '../../../src/identity/factors/messageCodes.js';
import { trustDevice } from '../../../src/identity/factors/trustedDevices.js';
import { createSession, revokeOtherSessions } from '../../../src/identity/sessions/sessions.js';
import { answerMailedCode } from '../../../src/identity/signIn/emailAnswer.js';
import { requestEmailSignIn } from '../../../src/identity/signIn/emailSignIn.js';
import { beginEnrolment } from '../../../src/identity/signIn/enrol.js';
import type { SignInOutcome } from '../../../src/identity/signIn/outcome.js';
import { beginSignIn, beginStepUp } from '../../../src/identity/signIn/signIn.js';
import type { User } from '../../../src/models/user.js';
import { type ConfigInput, createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';
import { codeIn, mailTo, tokenIn, UNLIMITED } from '../accounts/support.js';

const ADDRESS = 'ada@example.com';
const NOBODYS = 'eve@example.com';
const CONTEXT = { origin: ORIGIN, binding: 'this browser' };
const SYSTEM = { kind: 'system' } as const;

describe('attacks on signing in by mail', () => {
  let test: TestDeps;
  let user: User;
  async function open(config: ConfigInput = {}): Promise<void> {
    test = await createTestDeps({
      config: { ...UNLIMITED, factors: { emailSignIn: ['code'] }, ...config },
    });
    user = await storeUser(test.deps, { email: ADDRESS });
  }
  afterEach(() => test.close());

  const transactionOf = (outcome: SignInOutcome) => {
    if (!('transaction' in outcome)) throw new Error(`expected a question, got ${outcome.kind}`);
    return outcome.transaction;
  };
  const request = async (email = ADDRESS) =>
    transactionOf(await requestEmailSignIn(test.deps, { email, link: null }, CONTEXT));
  const answer = (transaction: string, code: string) =>
    answerMailedCode(test.deps, { transaction, code }, CONTEXT);

  describe('that answer before the letter is written', () => {
    beforeEach(() => open({ lockout: { maxFailures: 3 } }));

    /** A mail server that hangs: what is asked for meanwhile waits until the returned function is called. */
    function hangingMail(): () => void {
      let release = () => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      for (let worker = 0; worker < 8; worker += 1) test.deps.messages.enqueue('hanging', () => released);
      return release;
    }
    async function guess(transaction: string): Promise<string[]> {
      const seen: string[] = [];
      let next = transaction;
      for (let round = 0; round < 3; round += 1) {
        const outcome = await answer(next, 'abcdef').catch((error) => error.code);
        seen.push(typeof outcome === 'string' ? outcome : outcome.kind);
        if (typeof outcome !== 'string') next = transactionOf(outcome);
      }
      return seen;
    }

    it('learn of no account by locks that only letters carry over', async () => {
      const seen: unknown[] = [];
      for (const email of [ADDRESS, NOBODYS]) {
        const release = hangingMail();
        const early = await guess(await request(email));
        release();
        await test.settled();
        seen.push([...early, ...(await guess(await request(email)))]);
      }
      expect(seen[0]).to.deep.equal(seen[1]);
      expect(seen[0]).to.include('ACCOUNT_LOCKED');
    });

    it('learn of no account by locks of passwords', async () => {
      const seen: unknown[] = [];
      for (const email of [ADDRESS, NOBODYS]) {
        for (let round = 0; round < 3; round += 1) {
          const tried = { identifier: email, password: 'wrong' };
          await refusal(beginSignIn(test.deps, tried, CONTEXT), 'INVALID_CREDENTIALS');
        }
        const release = hangingMail();
        seen.push(await guess(await request(email)));
        release();
      }
      expect(seen[0]).to.deep.equal(seen[1]);
    });
  });

  it('use up no codes of the second factor, which are sent after the first alone', async () => {
    await open({ rateLimits: { message: { max: 2, windowSeconds: 3600 } } });
    for (const address of ['198.51.100.1', '198.51.100.2', '198.51.100.3']) {
      const stranger = { ...CONTEXT, origin: { ...ORIGIN, address } };
      await requestEmailSignIn(test.deps, { email: ADDRESS, link: null }, stranger);
    }
    await test.settled();
    expect(test.mails).to.have.length(2);
    const factor = { _id: 'mail', kind: 'email', target: ADDRESS } as const;
    const seen: boolean[] = [];
    for (let round = 0; round < 3; round += 1) {
      seen.push((await sendFactorCode(test.deps, user, factor)).sent);
      test.clock.advance(31);
    }
    expect(seen).to.deep.equal([true, true, false]);
  });

  it('answer and lock nothing where codes are switched off meanwhile', async () => {
    await open({ lockout: { maxFailures: 1 } });
    const transaction = await request();
    const code = codeIn((await mailTo(test, ADDRESS)).text);
    test.deps.config.factors.emailSignIn = ['link'];
    await refusal(answer(transaction, code), 'INVALID_GRANT');
    expect(await test.deps.models.failedAttempts.countDocuments()).to.equal(0);
  });

  it('pass by no factor in a trusted browser, whose thief often has the mail as well', async () => {
    await open();
    await test.deps.models.factors.create({
      _id: 'app',
      userId: user._id,
      kind: 'totp',
      name: 'Phone',
      confirmedAt: test.clock(),
    });
    const trustedDevice = await trustDevice(test.deps, user._id, ORIGIN);
    const transaction = await request();
    const code = codeIn((await mailTo(test, ADDRESS)).text);
    const outcome = await answerMailedCode(test.deps, { transaction, code }, { ...CONTEXT, trustedDevice });
    expect(outcome).to.deep.include({ kind: 'factorRequired', chosen: null });
  });

  describe('that wait for the second step', () => {
    beforeEach(() => open({ factors: { emailSignIn: ['code'], requiredAcr: 'aal2' } }));
    async function atEnrolment(): Promise<string> {
      const transaction = await request();
      const { text } = await mailTo(test, ADDRESS);
      const outcome = await answer(transaction, codeIn(text));
      expect(outcome.kind).to.equal('enrolmentRequired');
      return transactionOf(outcome);
    }
    const goOn = (transaction: string) => beginEnrolment(test.deps, { transaction, kind: 'totp' }, CONTEXT);

    const events: Record<string, () => Promise<unknown>> = {
      'the owner signs out everywhere': () =>
        revokeOtherSessions(test.deps, user._id, null, 'signed out', SYSTEM, ORIGIN),
      'the owner moves the address': async () => {
        await requestEmailChange(test.deps, { userId: user._id, newEmail: 'new@example.com' }, ORIGIN);
        await confirmEmail(
          test.deps,
          { token: tokenIn((await mailTo(test, 'new@example.com')).text) },
          ORIGIN,
        );
      },
      'an administrator moves the address': () =>
        updateUser(test.deps, { userId: user._id, patch: { email: 'new@example.com' } }, SYSTEM, ORIGIN),
    };
    for (const [event, happen] of Object.entries(events)) {
      it(`end when ${event}`, async () => {
        const transaction = await atEnrolment();
        await happen();
        await refusal(goOn(transaction), 'INVALID_GRANT');
      });
    }

    it('end when signing in by mail is switched off', async () => {
      const transaction = await atEnrolment();
      test.deps.config.factors.emailSignIn = [];
      await refusal(goOn(transaction), 'INVALID_GRANT');
    });

    it('leave the step-up of the session that is kept', async () => {
      const { session } = await createSession(test.deps, { user, amr: ['pwd'], withCookie: true }, ORIGIN);
      const running = { user, sessionId: session._id, amr: session.amr };
      const transaction = transactionOf(await beginStepUp(test.deps, running, {}, CONTEXT));
      await revokeOtherSessions(test.deps, user._id, session._id, 'signed out', SYSTEM, ORIGIN);
      expect(await test.deps.models.signInTransactions.countDocuments({ userId: user._id })).to.equal(1);
      expect(transaction).to.have.length(43);
    });
  });
});
