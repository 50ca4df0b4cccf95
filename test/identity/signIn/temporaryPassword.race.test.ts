import { expect } from 'chai';
import { regenerateRecoveryCodes } from '../../../src/identity/factors/recoveryCodes.js';
import type { RequestOrigin } from '../../../src/identity/ports.js';
import { createSession } from '../../../src/identity/sessions/sessions.js';
import { beginEnrolment } from '../../../src/identity/signIn/enrol.js';
import { enter } from '../../../src/identity/signIn/enter.js';
import { RECOVERY_CODE_ID } from '../../../src/identity/signIn/factorOptions.js';
import { answerFactor, chooseFactor } from '../../../src/identity/signIn/factorStep.js';
import type { FactorAnswer, SignInOutcome } from '../../../src/identity/signIn/outcome.js';
import { beginSignIn } from '../../../src/identity/signIn/signIn.js';
import type { User } from '../../../src/models/user.js';
import { type ConfigInput, createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';
import { codeIn, mailTo, OTHER_PASSWORD, PASSWORD, tally, UNLIMITED } from '../accounts/support.js';
import { codeOf, setUpApp } from '../factors/authenticatorApp.js';

const STRANGE: RequestOrigin = { ...ORIGIN, address: '198.51.100.1', userAgent: 'curl/8' };

describe('a temporary password on the way in', () => {
  let test: TestDeps;
  let user: User;
  let temporaryHash: string;

  async function open(config: ConfigInput = {}): Promise<void> {
    test = await createTestDeps({ config: { ...UNLIMITED, ...config } });
    temporaryHash = await test.deps.passwords.hash(PASSWORD);
    user = await storeUser(test.deps, {
      email: 'ada@example.com',
      passwordHash: temporaryHash,
      passwordChangedAt: test.clock(),
      mustChangePassword: true,
    });
  }
  afterEach(() => test.close());

  const contextOf = (origin: RequestOrigin) => ({ origin, binding: 'browser' });
  const begin = (newPassword = OTHER_PASSWORD, origin = ORIGIN) =>
    beginSignIn(
      test.deps,
      { identifier: 'ada@example.com', password: PASSWORD, newPassword },
      contextOf(origin),
    );
  const choose = (outcome: SignInOutcome, factorId: string, origin = ORIGIN) =>
    chooseFactor(test.deps, { transaction: tokenOf(outcome), factorId }, contextOf(origin));
  const answer = (outcome: SignInOutcome, given: FactorAnswer, origin = ORIGIN) =>
    answerFactor(test.deps, { transaction: tokenOf(outcome), answer: given }, contextOf(origin));
  function tokenOf(outcome: SignInOutcome): string {
    if ('transaction' in outcome) return outcome.transaction;
    throw new Error(`expected a next step, got ${outcome.kind}`);
  }
  const stored = () => test.deps.models.users.findById(user._id).select('+passwordHash').lean<User>();
  async function expectItStands(): Promise<void> {
    expect(await stored()).to.deep.include({ passwordHash: temporaryHash, mustChangePassword: true });
  }
  async function expectReplaced(password = OTHER_PASSWORD): Promise<void> {
    const after = await stored();
    expect(after?.mustChangePassword).to.equal(false);
    expect((await test.deps.passwords.verify(after?.passwordHash ?? null, password)).matches).to.equal(true);
  }

  it('stands until the factor was shown, however many answers were wrong', async () => {
    await open();
    const { id, code } = await setUpApp(test, user);
    let step = await choose(await begin(), id);
    await expectItStands();
    step = await answer(step, { code: '000000' });
    await expectItStands();
    const outcome = await answer(step, { code: code() });
    expect(outcome).to.include({ kind: 'proved', acr: 'aal2' });
    await expectReplaced();
  });

  it('stands where a code from the mail is due, until it was shown', async () => {
    await open({ risk: { weights: { newDevice: 60 } } });
    await createSession(test.deps, { user, amr: ['pwd'], withCookie: true }, ORIGIN);
    const chosen = await choose(await begin(OTHER_PASSWORD, STRANGE), 'riskCode', STRANGE);
    await expectItStands();
    const wrong = await answer(chosen, { code: '000000' }, STRANGE);
    await expectItStands();
    const code = codeIn((await mailTo(test, 'ada@example.com')).text);
    expect((await answer(wrong, { code }, STRANGE)).kind).to.equal('proved');
    await expectReplaced();
  });

  it('stands where a CAPTCHA is due', async () => {
    await open({ risk: { weights: { newDevice: 60 } }, captcha: { proofOfWorkCost: 1 } });
    await test.deps.models.users.updateOne(
      { _id: user._id },
      { $set: { emailVerified: false, phone: '+442079460018', phoneVerified: true } },
    );
    await createSession(test.deps, { user, amr: ['pwd'], withCookie: true }, ORIGIN);
    await refusal(begin(OTHER_PASSWORD, STRANGE), 'CAPTCHA_REQUIRED');
    await expectItStands();
  });

  it('stands until the factor that is demanded was set up', async () => {
    await open({ factors: { requiredAcr: 'aal2' } });
    const step = { transaction: tokenOf(await begin()), kind: 'totp' as const };
    const begun = await beginEnrolment(test.deps, step, contextOf(ORIGIN));
    await expectItStands();
    if (begun.kind !== 'enrolmentRequired' || begun.setUp?.kind !== 'totp') throw new Error(begun.kind);
    const outcome = await answer(begun, { code: codeOf(test, begun.setUp.seed) });
    expect(outcome).to.include({ kind: 'proved', acr: 'aal2' });
    await expectReplaced();
  });

  it('is refused a weak successor, or itself, before anything is asked', async () => {
    await open();
    await setUpApp(test, user);
    await refusal(begin('password1'), 'PASSWORD_TOO_WEAK');
    await refusal(begin('ada@example.com'), 'PASSWORD_TOO_WEAK');
    await refusal(begin(PASSWORD), 'BAD_USER_INPUT');
    expect(await test.deps.models.signInTransactions.countDocuments()).to.equal(0);
    await expectItStands();
  });

  it('is itself in every spelling that is hashed alike', async () => {
    await open();
    const spelled = 'tundra velvet occasion';
    await test.deps.models.users.updateOne(
      { _id: user._id },
      { $set: { passwordHash: await test.deps.passwords.hash(spelled) } },
    );
    const proof = { identifier: 'ada@example.com', password: spelled };
    const newPassword = spelled.replaceAll(' ', '\u00a0');
    await refusal(beginSignIn(test.deps, { ...proof, newPassword }, contextOf(ORIGIN)), 'BAD_USER_INPUT');
  });

  it('ends other sessions and sign-ins when it gives way, and not the one that comes of it', async () => {
    await open();
    const { id, code } = await setUpApp(test, user);
    const { session } = await createSession(test.deps, { user, amr: ['pwd'], withCookie: true }, ORIGIN);
    const other = await begin('another.Mosaic.37');
    const proved = await answer(await choose(await begin(), id), { code: code() });
    if (proved.kind !== 'proved') throw new Error(proved.kind);
    const entered = await enter(test.deps, proved, { withCookie: true }, ORIGIN);

    const alive = await test.deps.models.sessions.find({ userId: user._id, revokedAt: null }).lean();
    expect(alive.map(({ _id }) => _id))
      .to.deep.equal([entered.session._id])
      .and.not.include(session._id);
    test.clock.advance(60);
    await refusal(choose(other, id), 'INVALID_GRANT');
    await refusal(begin(), 'INVALID_CREDENTIALS');
    expect((await mailTo(test, 'ada@example.com')).subject).to.match(/^Your password for .* was changed$/);
  });

  it('gives way to one of fifty answers to one step', async () => {
    await open();
    const { id, code: shown } = await setUpApp(test, user);
    const chosen = await choose(await begin(), id);
    const code = shown();
    const counts = await tally(Array.from({ length: 50 }, () => answer(chosen, { code })));
    expect(counts).to.deep.equal({ ok: 1, INVALID_GRANT: 49 });
    await expectReplaced();
    await test.settled();
    expect(await test.deps.models.auditEvents.countDocuments({ action: 'user.changePassword' })).to.equal(1);
  });

  it('gives way to one of many sign-ins that each chose another, and only that one is let in', async () => {
    await open();
    await setUpApp(test, user);
    const codes = await regenerateRecoveryCodes(test.deps, user._id);
    const passwords = codes.map((_code, index) => `granite.lantern.mosaic.${index}`);
    const chosen = await Promise.all(
      passwords.map(async (password) => choose(await begin(password), RECOVERY_CODE_ID)),
    );
    const outcomes = await Promise.allSettled(
      chosen.map(async (step, index) => {
        const proved = await answer(step, { recoveryCode: codes[index] ?? '' });
        if (proved.kind !== 'proved') throw new Error(proved.kind);
        return enter(test.deps, proved, { withCookie: true }, ORIGIN);
      }),
    );
    const winners = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
    expect(winners).to.have.length(1);
    await expectReplaced(passwords[winners[0] ?? -1]);
    expect(await test.deps.models.sessions.countDocuments({ revokedAt: null })).to.equal(1);
  });

  it('gives way to one of several sign-ins at once where nothing else is asked', async () => {
    await open();
    const passwords = Array.from({ length: 6 }, (_none, index) => `granite.lantern.mosaic.${index}`);
    const outcomes = await Promise.allSettled(passwords.map((password) => begin(password)));
    const winners = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
    expect(winners).to.have.length(1);
    await expectReplaced(passwords[winners[0] ?? -1]);
  });

  it('is kept where an administrator lifted the demand, or locked the account, meanwhile', async () => {
    await open();
    const { id, code } = await setUpApp(test, user);
    const first = await choose(await begin(), id);
    await test.deps.models.users.updateOne({ _id: user._id }, { $set: { mustChangePassword: false } });
    await refusal(answer(first, { code: code() }), 'INVALID_GRANT');
    await test.deps.models.users.updateOne({ _id: user._id }, { $set: { mustChangePassword: true } });
    test.clock.advance(60);
    const second = await choose(await begin(), id);
    await test.deps.models.users.updateOne({ _id: user._id }, { $set: { status: 'disabled' } });
    await refusal(answer(second, { code: code() }), 'ACCOUNT_LOCKED');
    await expectItStands();
  });

  it('leaves no hash of what was chosen behind in a step that was taken', async () => {
    await open();
    const { id, code } = await setUpApp(test, user);
    const hashes = async () =>
      (await test.deps.models.signInTransactions.find().select('+newPasswordHash').lean()).flatMap(
        ({ newPasswordHash }) => newPasswordHash ?? [],
      );
    const chosen = await choose(await begin(), id);
    expect(await hashes()).to.have.length(1);
    await answer(chosen, { code: code() });
    expect(await hashes()).to.deep.equal([]);
  });
});
