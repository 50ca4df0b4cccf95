import { expect } from 'chai';
import {
  beginMessageEnrolment,
  confirmMessageEnrolment,
} from '../../../src/identity/factors/messageCodes.js';
import { regenerateRecoveryCodes } from '../../../src/identity/factors/recoveryCodes.js';
import { RECOVERY_CODE_ID } from '../../../src/identity/signIn/factorOptions.js';
import { answerFactor, chooseFactor } from '../../../src/identity/signIn/factorStep.js';
import type { FactorAnswer, SignInOutcome } from '../../../src/identity/signIn/outcome.js';
import { beginSignIn, beginStepUp } from '../../../src/identity/signIn/signIn.js';
import { revokeTokens } from '../../../src/identity/tokens/revokeTokens.js';
import type { User } from '../../../src/models/user.js';
import { createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';
import { PASSWORD, UNLIMITED } from '../accounts/support.js';
import { setUpApp } from '../factors/authenticatorApp.js';

type Asked = Extract<SignInOutcome, { kind: 'factorRequired' }>;
type Proved = Extract<SignInOutcome, { kind: 'proved' }>;

const CONTEXT = { origin: ORIGIN, binding: 'this browser' };

describe('signing in step by step', () => {
  let test: TestDeps;
  let user: User;
  beforeEach(async () => {
    test = await createTestDeps({ config: UNLIMITED });
    user = await storeUser(test.deps, {
      email: 'ada@example.com',
      emailVerified: true,
      phone: '+442079460018',
      phoneVerified: true,
      passwordHash: await test.deps.passwords.hash(PASSWORD),
    });
  });
  afterEach(() => test.close());

  const begin = (more: { requiredAcr?: string; trustedDevice?: string } = {}) =>
    beginSignIn(
      test.deps,
      { identifier: 'ada@example.com', password: PASSWORD, wanted: { requiredAcr: more.requiredAcr } },
      { ...CONTEXT, trustedDevice: more.trustedDevice },
    );
  const choose = (asked: Asked, factorId: string, context = CONTEXT) =>
    chooseFactor(test.deps, { transaction: asked.transaction, factorId }, context) as Promise<Asked>;
  const answer = (asked: Asked, given: FactorAnswer, trustThisDevice = false) =>
    answerFactor(test.deps, { transaction: asked.transaction, answer: given, trustThisDevice }, CONTEXT);

  it('ends with the password where the account has no other factor', async () => {
    const outcome = (await begin()) as Proved;
    expect(outcome).to.deep.include({ kind: 'proved', amr: ['pwd'], acr: 'aal1', sessionId: null });
  });

  it('asks for the app, and is two factors with its code', async () => {
    const { id, code } = await setUpApp(test, user);
    const asked = (await begin()) as Asked;
    expect(asked).to.deep.include({ kind: 'factorRequired', chosen: null, wrongAnswer: false });
    expect(asked.factors).to.deep.equal([{ id, kind: 'totp', name: 'Phone', hint: null }]);
    const chosen = await choose(asked, id);
    expect(chosen.chosen).to.deep.equal({ id, challenge: null });
    const outcome = (await answer(chosen, { code: code() })) as Proved;
    expect(outcome).to.deep.include({ kind: 'proved', amr: ['pwd', 'otp', 'mfa'], acr: 'aal2' });
  });

  it('takes a recovery code in place of a factor', async () => {
    await setUpApp(test, user);
    const [code = ''] = await regenerateRecoveryCodes(test.deps, user._id);
    const asked = (await begin()) as Asked;
    expect(asked.factors.map(({ kind }) => kind)).to.deep.equal(['totp', 'recoveryCode']);
    const chosen = await choose(asked, RECOVERY_CODE_ID);
    expect(await answer(chosen, { recoveryCode: code })).to.deep.include({ kind: 'proved', acr: 'aal2' });
    await test.settled();
    expect(test.mails.at(-1)?.text).to.include('A recovery code of your account was used; 9 are left.');
    const events = test.deps.models.auditEvents;
    expect(await events.countDocuments({ action: 'user.useRecoveryCode' })).to.equal(1);
  });

  for (const [kind, hint, box] of [
    ['email', 'a•••@example.com', 'mails'],
    ['sms', '•••• 0018', 'texts'],
  ] as const) {
    it(`sends a code by ${kind}, not twice within half a minute, for one use`, async () => {
      const codes = async () => {
        await test.settled();
        return test[box].map(({ text }) => /\d{6}/.exec(text)?.[0] ?? '');
      };
      const { _id: id } = await beginMessageEnrolment(test.deps, user, kind);
      const [first = ''] = await codes();
      await confirmMessageEnrolment(test.deps, user._id, id, first);
      test.clock.advance(31);

      const asked = (await begin()) as Asked;
      expect(asked.factors).to.deep.equal([
        { id, kind, name: kind === 'email' ? 'E-mail' : 'Text message', hint },
      ]);
      const again = await choose(await choose(asked, id), id);
      const [, second = '', ...more] = await codes();
      expect(more).to.deep.equal([]);
      const outcome = (await answer(again, { code: second })) as Proved;
      expect(outcome).to.include({ kind: 'proved', acr: 'aal2' });
      expect(outcome.amr).to.include(kind === 'sms' ? 'sms' : 'otp');

      const next = await choose((await begin()) as Asked, id);
      expect(await answer(next, { code: second })).to.include({ wrongAnswer: true });
    });
  }

  it('gives every step a token of its own, for one use in one browser', async () => {
    const { id, code: shown } = await setUpApp(test, user);
    const asked = (await begin()) as Asked;
    await refusal(choose(asked, id, { ...CONTEXT, binding: 'another browser' }), 'INVALID_GRANT');
    const chosen = await choose(asked, id);
    await refusal(choose(asked, id), 'INVALID_GRANT');
    const code = shown();
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => answer(chosen, { code })));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    await refusal(answer({ ...chosen, transaction: 'x'.repeat(43) }, { code }), 'INVALID_GRANT');
    await refusal(answer({ ...chosen, transaction: { $ne: null } as never }, { code }), 'INVALID_GRANT');
  });

  it('is over when everything of the account is revoked', async () => {
    const { id } = await setUpApp(test, user);
    const waiting = (await begin()) as Asked;
    test.clock.advance(1);
    await revokeTokens(test.deps, { kind: 'user', id: user._id }, { kind: 'system' }, ORIGIN);
    await refusal(choose(waiting, id), 'INVALID_GRANT');
    test.clock.advance(1);
    await choose((await begin()) as Asked, id);
  });

  it('is over after a quarter of an hour, and when the password changes or the account is locked', async () => {
    const { id } = await setUpApp(test, user);
    const late = (await begin()) as Asked;
    test.clock.advance(901);
    await refusal(choose(late, id), 'INVALID_GRANT');
    const changed = (await begin()) as Asked;
    await test.deps.models.users.updateOne({ _id: user._id }, { $set: { passwordChangedAt: test.clock() } });
    await refusal(choose(changed, id), 'INVALID_GRANT');
    const locked = (await begin()) as Asked;
    await test.deps.models.users.updateOne({ _id: user._id }, { $set: { status: 'disabled' } });
    await refusal(choose(locked, id), 'ACCOUNT_LOCKED');
  });

  it('bears five wrong answers of an account, over all its sign-ins, then refuses right ones too', async () => {
    const { id, code } = await setUpApp(test, user);
    for (let wrong = 0; wrong < 5; wrong += 1) {
      const chosen = await choose((await begin()) as Asked, id);
      expect(await answer(chosen, { code: '000000' })).to.include({ wrongAnswer: true });
    }
    const chosen = await choose((await begin()) as Asked, id);
    await refusal(answer(chosen, { code: code() }), 'ACCOUNT_LOCKED');
  });

  it('does not ask a browser that is trusted, until its time is over', async () => {
    const { id, code } = await setUpApp(test, user);
    const chosen = await choose((await begin()) as Asked, id);
    const { trustedDevice } = (await answer(chosen, { code: code() }, true)) as Proved;
    if (trustedDevice === null) throw new Error('not trusted');
    expect(await begin({ trustedDevice })).to.deep.include({ kind: 'proved', acr: 'aal1' });
    expect(await begin({ trustedDevice, requiredAcr: 'aal2' })).to.include({ kind: 'factorRequired' });
    expect(await begin({ trustedDevice: 'y'.repeat(43) })).to.include({ kind: 'factorRequired' });
    test.clock.advance(31 * 86_400);
    expect(await begin({ trustedDevice })).to.include({ kind: 'factorRequired' });
  });

  it('leads to enrolment where a level is demanded that no factor reaches', async () => {
    expect(await begin({ requiredAcr: 'aal2' })).to.include({
      kind: 'enrolmentRequired',
      requiredAcr: 'aal2',
    });
  });

  it('asks for the factor that there is before another is set up', async () => {
    const { id, code } = await setUpApp(test, user);
    const asked = (await begin({ requiredAcr: 'phr' })) as Asked;
    expect(asked.kind).to.equal('factorRequired');
    const outcome = await answer(await choose(asked, id), { code: code() });
    expect(outcome).to.deep.include({ kind: 'enrolmentRequired', requiredAcr: 'phr', kinds: ['webauthn'] });
  });

  it('raises a session that is there', async () => {
    const { id, code } = await setUpApp(test, user);
    const asked = (await beginStepUp(
      test.deps,
      { user, sessionId: 'running', amr: ['pwd'] },
      { requiredAcr: 'aal2' },
      CONTEXT,
    )) as Asked;
    const outcome = await answer(await choose(asked, id), { code: code() });
    expect(outcome).to.deep.include({ kind: 'proved', acr: 'aal2', sessionId: 'running' });
  });
});
