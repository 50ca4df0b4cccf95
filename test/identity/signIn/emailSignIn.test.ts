import { expect } from 'chai';
import { lockUser } from '../../../src/identity/accounts/administratorLock.js';
import { changePassword } from '../../../src/identity/accounts/passwords.js';
import { rememberDevice } from '../../../src/identity/defence/knownDevices.js';
import {
  beginMessageEnrolment,
  confirmMessageEnrolment,
} from '../../../src/identity/factors/messageCodes.js';
import type { RequestOrigin } from '../../../src/identity/ports.js';
import { createSession, revokeOtherSessions } from '../../../src/identity/sessions/sessions.js';
import {
  answerMailedCode,
  peekMailedLink,
  signInByMailedLink,
} from '../../../src/identity/signIn/emailAnswer.js';
import { requestEmailSignIn, resendMailedCode } from '../../../src/identity/signIn/emailSignIn.js';
import { answerFactor, chooseFactor } from '../../../src/identity/signIn/factorStep.js';
import type { ProvedSignIn, SignInOutcome, WantedLevel } from '../../../src/identity/signIn/outcome.js';
import { beginSignIn, beginStepUp } from '../../../src/identity/signIn/signIn.js';
import type { User } from '../../../src/models/user.js';
import { type ConfigInput, createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';
import { auditText, codeIn, PASSWORD, tokenIn, UNLIMITED } from '../accounts/support.js';
import { setUpApp } from '../factors/authenticatorApp.js';

const ADDRESS = 'ada@example.com';
const CONTEXT = { origin: ORIGIN, binding: 'this browser' };
const ELSEWHERE = { origin: ORIGIN, binding: 'another browser' };
const LINK = { request: 'errand' };

describe('signing in by mail', () => {
  let test: TestDeps;
  let user: User;
  async function open(config: ConfigInput = {}, fields: Partial<User> = {}): Promise<void> {
    test = await createTestDeps({
      config: { ...UNLIMITED, factors: { emailSignIn: ['code', 'link'] }, ...config },
    });
    user = await storeUser(test.deps, { email: ADDRESS, ...fields });
  }
  afterEach(() => test.close());

  const asked = (outcome: SignInOutcome) => {
    if (outcome.kind !== 'factorRequired') throw new Error(`expected a question, got ${outcome.kind}`);
    return outcome;
  };
  const proved = (outcome: SignInOutcome): ProvedSignIn => {
    if (outcome.kind !== 'proved') throw new Error(`expected the end, got ${outcome.kind}`);
    return outcome;
  };
  const request = async (more: { email?: string; wanted?: WantedLevel } = {}, context = CONTEXT) =>
    asked(await requestEmailSignIn(test.deps, { email: ADDRESS, link: LINK, ...more }, context)).transaction;
  const letters = async () => {
    await test.settled();
    return test.mails.filter(({ subject }) => /[Ss]ign(-| )in/.test(subject));
  };
  const letter = async () => {
    const { text = '', subject = '' } = (await letters()).at(-1) ?? {};
    return { text, subject, code: codeIn(text), token: text.includes('http') ? tokenIn(text) : '' };
  };
  const answer = (transaction: string, code: string, context = CONTEXT) =>
    answerMailedCode(test.deps, { transaction, code }, context);
  const wrong = (code: string) => (code === '00000000' ? '00000001' : '00000000');

  describe('in time', () => {
    beforeEach(() => open());

    it('lets in with the code of the letter, as one factor', async () => {
      const transaction = await request();
      const { code, subject, text } = await letter();
      expect(code).to.match(/^\d{8}$/);
      expect(subject).to.include(code);
      expect(text).to.include('Firefox').and.include(ORIGIN.address).and.include('10 minutes');
      expect(proved(await answer(transaction, `${code.slice(0, 4)} ${code.slice(4)}`))).to.deep.include({
        acr: 'aal1',
        amr: ['mca'],
        sessionId: null,
      });
      const { lastSignInAt } = (await test.deps.models.users.findOne({ _id: user._id }).lean()) ?? {};
      expect(lastSignInAt).to.be.within(new Date(test.clock().getTime() - 5000), test.clock());
      await refusal(answer(transaction, code), 'INVALID_GRANT');
    });

    it('puts no words of a stranger into the letter', async () => {
      for (const userAgent of [
        'Visit evil.example now/1 ',
        'Mozilla/5.0 (call +1 555; Windows) evil.example/1 ',
        '',
      ]) {
        await request({}, { ...CONTEXT, origin: { ...ORIGIN, userAgent } });
        const { text } = await letter();
        expect(text)
          .to.include(`from ${ORIGIN.address}.`)
          .and.to.not.match(/evil|555/);
      }
    });

    it('lets in with its link, which looking at does not use up', async () => {
      await request();
      const { token, text } = await letter();
      expect(text).to.include('/sign-in/link?token=').and.include('request=errand');
      expect(await peekMailedLink(test.deps, token, CONTEXT.binding)).to.deep.equal({ email: ADDRESS });
      expect(proved(await signInByMailedLink(test.deps, token, CONTEXT)).amr).to.deep.equal(['mca']);
      await refusal(signInByMailedLink(test.deps, token, CONTEXT), 'CODE_INVALID');
      await refusal(peekMailedLink(test.deps, token, CONTEXT.binding), 'CODE_INVALID');
    });

    it('lets in only where it was asked for, and an attempt elsewhere uses up nothing', async () => {
      const transaction = await request();
      const { code, token } = await letter();
      expect(await peekMailedLink(test.deps, token, ELSEWHERE.binding)).to.equal(null);
      await refusal(signInByMailedLink(test.deps, token, ELSEWHERE), 'INVALID_GRANT');
      await refusal(answer(transaction, code, ELSEWHERE), 'INVALID_GRANT');
      expect((await signInByMailedLink(test.deps, token, CONTEXT)).kind).to.equal('proved');
    });

    it('ends the other way with the one that was used', async () => {
      const first = await request();
      const { code, token } = await letter();
      await answer(first, code);
      await refusal(signInByMailedLink(test.deps, token, CONTEXT), 'CODE_INVALID');
      const second = await request();
      const next = await letter();
      await signInByMailedLink(test.deps, next.token, CONTEXT);
      await refusal(answer(second, next.code), 'INVALID_GRANT');
    });

    it('is over after ten minutes', async () => {
      const transaction = await request();
      const { code, token } = await letter();
      test.clock.advance(601);
      await refusal(answer(transaction, code), 'INVALID_GRANT');
      await refusal(signInByMailedLink(test.deps, token, CONTEXT), 'CODE_INVALID');
    });

    it('stores neither code nor secret, and the trail learns neither', async () => {
      const transaction = await request();
      const { code, token } = await letter();
      const stored = JSON.stringify(await test.deps.models.confirmations.find().lean());
      const written = stored + (await auditText(test));
      for (const secret of [code, token.split('.')[1], transaction.split('.')[1]]) {
        expect(written).to.not.include(secret);
      }
    });

    it('sends another letter after half a minute, and the one before works no more', async () => {
      const transaction = await request();
      const first = await letter();
      const soon = asked(await resendMailedCode(test.deps, { transaction, link: LINK }, CONTEXT));
      expect(await letters()).to.have.length(1);
      test.clock.advance(31);
      const again = { transaction: soon.transaction, link: LINK };
      const next = asked(await resendMailedCode(test.deps, again, CONTEXT));
      expect(await letters()).to.have.length(2);
      await refusal(signInByMailedLink(test.deps, first.token, CONTEXT), 'CODE_INVALID');
      await refusal(resendMailedCode(test.deps, again, CONTEXT), 'INVALID_GRANT');
      const { code } = await letter();
      expect((await answer(next.transaction, code)).kind).to.equal('proved');
    });

    it('bears five wrong codes, however many letters are sent', async () => {
      test.deps.config.lockout.maxFailures = 100;
      let transaction = await request();
      for (let round = 0; round < 5; round += 1) {
        const { code } = await letter();
        const again = asked(await answer(transaction, wrong(code)));
        expect(again.wrongAnswer).to.equal(true);
        transaction = again.transaction;
        if (round === 4) break;
        test.clock.advance(31);
        transaction = asked(
          await resendMailedCode(test.deps, { transaction, link: LINK }, CONTEXT),
        ).transaction;
      }
      const { code } = await letter();
      await refusal(answer(transaction, code), 'INVALID_GRANT');
    });
  });

  describe('ends when', () => {
    beforeEach(async () => {
      test = await createTestDeps({
        config: { ...UNLIMITED, factors: { emailSignIn: ['code', 'link'] } },
      });
      user = await storeUser(test.deps, {
        email: ADDRESS,
        passwordHash: await test.deps.passwords.hash(PASSWORD),
      });
    });
    const { origin } = CONTEXT;
    const events: Record<string, () => Promise<unknown>> = {
      'the password changes': () =>
        changePassword(
          test.deps,
          {
            userId: user._id,
            currentPassword: PASSWORD,
            newPassword: 'granite.lantern.mosaic',
            keepSessionId: null,
          },
          origin,
        ),
      'its owner signs out everywhere': () =>
        revokeOtherSessions(test.deps, user._id, null, 'signed out', { kind: 'user', id: user._id }, origin),
      'the address changes': () =>
        test.deps.models.users.updateOne(
          { _id: user._id },
          { $set: { email: 'new@example.com', emailNormalized: 'new@example.com' } },
        ),
      'the address is no longer confirmed': () =>
        test.deps.models.users.updateOne({ _id: user._id }, { $set: { emailVerified: false } }),
      'every token of the account is revoked': () =>
        test.deps.models.users.updateOne(
          { _id: user._id },
          { $set: { tokensValidAfter: new Date(test.clock().getTime() + 1) } },
        ),
      'an administrator locks the account': () =>
        lockUser(test.deps, { userId: user._id }, { kind: 'system' }, origin),
      'the account is gone': () => test.deps.models.users.deleteOne({ _id: user._id }),
    };
    for (const [event, happen] of Object.entries(events)) {
      it(event, async () => {
        const first = await request();
        const { code } = await letter();
        await request();
        const { token } = await letter();
        await happen();
        await refusal(answer(first, code), 'INVALID_GRANT');
        const byLink = await signInByMailedLink(test.deps, token, CONTEXT).catch((error) => error.code);
        expect(byLink).to.be.oneOf(['INVALID_GRANT', 'CODE_INVALID']);
      });
    }

    it('the account is locked or disabled at this moment, as with the right password', async () => {
      const transaction = await request();
      const { code } = await letter();
      await test.deps.models.users.updateOne({ _id: user._id }, { $set: { status: 'disabled' } });
      await refusal(answer(transaction, code), 'ACCOUNT_LOCKED');
    });
  });

  describe('of who is not written to', () => {
    const nobodies: Record<string, Partial<User> | null> = {
      'has no account': null,
      'has an address that nobody confirmed': { emailVerified: false },
      'is locked': { status: 'locked' },
      'is disabled': { status: 'disabled' },
    };
    for (const [who, fields] of Object.entries(nobodies)) {
      it(`${who} is judged like any other`, async () => {
        await open();
        if (fields) await storeUser(test.deps, { email: 'eve@example.com', ...fields });
        const context = (address: string) => ({ ...CONTEXT, origin: { ...ORIGIN, address } });
        const outcomes: unknown[][] = [];
        for (const [index, email] of [ADDRESS, 'eve@example.com'].entries()) {
          const at = context(`198.51.100.${index}`);
          const seen: unknown[] = [];
          let { transaction, ...rest } = asked(
            await requestEmailSignIn(test.deps, { email, link: LINK }, at),
          );
          seen.push(rest);
          await test.settled();
          for (let guess = 0; guess < 6; guess += 1) {
            const outcome = await answer(transaction, 'abcdef', at).catch((error) => error.code);
            if (typeof outcome !== 'string') ({ transaction, ...rest } = asked(outcome));
            seen.push(typeof outcome === 'string' ? outcome : rest);
          }
          const locked = asked(await requestEmailSignIn(test.deps, { email, link: LINK }, at));
          await test.settled();
          seen.push(await answer(locked.transaction, 'abcdef', at).catch((error) => error.code));
          outcomes.push(seen);
        }
        expect(outcomes[1]).to.deep.equal(outcomes[0]);
        expect(outcomes[0]?.slice(-2)).to.deep.equal(['INVALID_GRANT', 'ACCOUNT_LOCKED']);
        const codes = (await letters()).filter(({ subject }) => subject.includes('is your sign-in code'));
        expect(codes.map(({ to }) => to)).to.deep.equal([ADDRESS, ADDRESS]);
        expect(await auditText(test)).to.include('user.requestEmailSignIn');
      });
    }

    it('counts failures of passwords and of codes together, at a name of nobody too', async () => {
      for (const fields of [null, { emailVerified: false }, {}]) {
        await open();
        if (fields) await storeUser(test.deps, { email: 'eve@example.com', ...fields });
        const transaction = await request({ email: 'eve@example.com' });
        await test.settled();
        for (let guess = 0; guess < 5; guess += 1) {
          const tried = { identifier: 'eve@example.com', password: 'wrong' };
          await refusal(beginSignIn(test.deps, tried, CONTEXT), 'INVALID_CREDENTIALS');
        }
        await refusal(answer(transaction, '00000000'), 'ACCOUNT_LOCKED');
        await test.close();
      }
      await open();
    });
  });

  describe('under attack', () => {
    it('locks strangers out, and neither a device that the account knows nor a link', async () => {
      await open({ lockout: { accountMaxFailures: 6 } });
      const { token } = await rememberDevice(test.deps, user._id, ORIGIN);
      const own = { ...CONTEXT, origin: { ...ORIGIN, deviceToken: token } };
      const transaction = await request({}, own);
      const { code } = await letter();
      const stranger = (index: number) => ({
        binding: 'stranger',
        origin: { ...ORIGIN, address: `198.51.100.${index}` },
      });
      for (let index = 0; index < 6; index += 1) {
        const theirs = await request({}, stranger(index));
        await test.settled();
        await answer(theirs, 'abcdef', stranger(index));
      }
      const newBrowser = await request();
      const letterThere = await letter();
      await refusal(answer(newBrowser, letterThere.code), 'ACCOUNT_LOCKED');
      expect((await signInByMailedLink(test.deps, letterThere.token, CONTEXT)).kind).to.equal('proved');
      expect((await answer(transaction, code, own)).kind).to.equal('proved');
    });

    it('limits letters to one address, but a known device may ask for its own', async () => {
      await open({ rateLimits: { enabled: true, message: { max: 2, windowSeconds: 3600 } } });
      const from = (address: string): { binding: string; origin: RequestOrigin } => ({
        binding: 'x',
        origin: { ...ORIGIN, address },
      });
      for (let index = 0; index < 4; index += 1) await request({}, from(`198.51.100.${index}`));
      expect(await letters()).to.have.length(2);
      await request({}, from('203.0.113.99'));
      await request({}, from('203.0.113.99'));
      await refusal(request({}, from('203.0.113.99')), 'RATE_LIMITED');
      expect(await letters()).to.have.length(2);
      const { token } = await rememberDevice(test.deps, user._id, ORIGIN);
      await request({}, { ...CONTEXT, origin: { ...ORIGIN, deviceToken: token } });
      expect(await letters()).to.have.length(3);
    });

    it('asks nothing more than the letter of an account without factors, and of others a factor', async () => {
      await open({ risk: { weights: { newDevice: 60 } } });
      await createSession(test.deps, { user, amr: ['pwd'], withCookie: true }, ORIGIN);
      const strange = { ...CONTEXT, origin: { ...ORIGIN, address: '198.51.100.1', userAgent: 'curl/8' } };
      const first = await request({}, strange);
      expect((await answer(first, (await letter()).code, strange)).kind).to.equal('proved');
    });

    it('is refused where too much speaks against it', async () => {
      await open({ risk: { weights: { newDevice: 200 } } });
      await createSession(test.deps, { user, amr: ['pwd'], withCookie: true }, ORIGIN);
      const strange = { ...CONTEXT, origin: { ...ORIGIN, address: '198.51.100.1', userAgent: 'curl/8' } };
      const transaction = await request({}, strange);
      const { code } = await letter();
      await refusal(answer(transaction, code, strange), 'INVALID_CREDENTIALS');
    });
  });

  describe('of an account with factors', () => {
    beforeEach(() => open());
    async function withMail() {
      const factor = await beginMessageEnrolment(test.deps, user, 'email');
      await test.settled();
      await confirmMessageEnrolment(test.deps, user._id, factor._id, codeIn(test.mails.at(-1)?.text ?? ''));
      test.mails.length = 0;
      return factor._id;
    }
    const byMail = async (wanted?: WantedLevel) => {
      const transaction = await request(wanted ? { wanted } : {});
      return answer(transaction, (await letter()).code);
    };

    it('asks for the app, and is two factors with its code', async () => {
      const { id, code } = await setUpApp(test, user);
      const question = asked(await byMail());
      expect(question.factors.map((factor) => factor.id)).to.deep.equal([id]);
      const { transaction } = asked(
        await chooseFactor(test.deps, { transaction: question.transaction, factorId: id }, CONTEXT),
      );
      const outcome = await answerFactor(test.deps, { transaction, answer: { code: code() } }, CONTEXT);
      expect(proved(outcome)).to.deep.include({ acr: 'aal2', amr: ['mca', 'otp', 'mfa'] });
    });

    it('takes no second letter for a second factor, also where it is asked for by its id', async () => {
      const mail = await withMail();
      const { id } = await setUpApp(test, user);
      const question = asked(await byMail());
      expect(question.factors.map((factor) => factor.id)).to.deep.equal([id]);
      const { transaction } = question;
      await refusal(chooseFactor(test.deps, { transaction, factorId: mail }, CONTEXT), 'BAD_USER_INPUT');
    });

    it('is one factor where letters are the only other one, and sets none up', async () => {
      await withMail();
      expect(proved(await byMail()).acr).to.equal('aal1');
      test.clock.advance(60);
      expect(await byMail({ requiredAcr: 'aal2' })).to.deep.include({
        kind: 'enrolmentRequired',
        requiredAcr: 'aal2',
        kinds: [],
      });
    });

    it('raises no session that began with a letter by another letter', async () => {
      await withMail();
      const { session } = await createSession(test.deps, { user, amr: ['mca'], withCookie: true }, ORIGIN);
      const running = { user, sessionId: session._id, amr: session.amr };
      expect(await beginStepUp(test.deps, running, { requiredAcr: 'aal2' }, CONTEXT)).to.deep.include({
        kind: 'enrolmentRequired',
        kinds: [],
      });
    });

    it('leads to an enrolment where a level is demanded that nothing reaches', async () => {
      expect(await byMail({ requiredAcr: 'aal2' })).to.deep.include({
        kind: 'enrolmentRequired',
        kinds: ['totp', 'webauthn'],
      });
    });
  });

  it('is off unless it is switched on, for each way apart', async () => {
    await open({ factors: {} });
    await refusal(request(), 'FORBIDDEN');
    await test.close();
    await open({ factors: { emailSignIn: ['link'] } });
    await refusal(requestEmailSignIn(test.deps, { email: ADDRESS, link: null }, CONTEXT), 'FORBIDDEN');
    await request();
    expect(await letter()).to.include({ code: '' });
    await test.close();
    await open({ factors: { emailSignIn: ['code'] } });
    await request();
    expect((await letter()).text).to.not.include('http');
  });
});
