import { expect } from 'chai';
import { addFactor } from '../../../src/identity/factors/addFactor.js';
import type { RequestOrigin } from '../../../src/identity/ports.js';
import { createSession } from '../../../src/identity/sessions/sessions.js';
import { beginEnrolment } from '../../../src/identity/signIn/enrol.js';
import { answerFactor, chooseFactor } from '../../../src/identity/signIn/factorStep.js';
import type { SignInOutcome } from '../../../src/identity/signIn/outcome.js';
import { beginSignIn } from '../../../src/identity/signIn/signIn.js';
import type { User } from '../../../src/models/user.js';
import { type ConfigInput, createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { storePasskey } from '../../support/passkey.js';
import { refusal } from '../../support/refusal.js';
import { codeIn, mailTo, PASSWORD, UNLIMITED } from '../accounts/support.js';

describe('a sign-in that much speaks against', () => {
  let test: TestDeps;
  const STRANGE: RequestOrigin = { ...ORIGIN, address: '198.51.100.1', userAgent: 'curl/8' };

  async function open(fields: Partial<User> = {}, config: ConfigInput = {}): Promise<void> {
    test = await createTestDeps({
      config: {
        ...UNLIMITED,
        risk: { weights: { newDevice: 60 } },
        captcha: { proofOfWorkCost: 1 },
        ...config,
      },
    });
    const user = await storeUser(test.deps, {
      email: 'ada@example.com',
      passwordHash: await test.deps.passwords.hash(PASSWORD),
      ...fields,
    });
    await createSession(test.deps, { user, amr: ['pwd'], withCookie: true }, ORIGIN);
  }
  afterEach(() => test.close());

  const context = (origin: RequestOrigin) => ({ origin: { ...origin }, binding: 'browser' });
  const begin = (origin: RequestOrigin) =>
    beginSignIn(test.deps, { identifier: 'ada@example.com', password: PASSWORD }, context(origin));
  function asked(outcome: SignInOutcome) {
    if (outcome.kind !== 'factorRequired') throw new Error(`expected a question, got ${outcome.kind}`);
    return outcome;
  }
  async function choose(outcome: SignInOutcome) {
    const { transaction } = asked(outcome);
    return asked(await chooseFactor(test.deps, { transaction, factorId: 'riskCode' }, context(STRANGE)));
  }
  const answer = (transaction: string, code: string) =>
    answerFactor(test.deps, { transaction, answer: { code }, trustThisDevice: true }, context(STRANGE));

  it('needs a code from the mail of an account without a factor, which raises no level', async () => {
    await open();
    expect((await begin(ORIGIN)).kind).to.equal('proved');
    const question = asked(await begin(STRANGE));
    expect(question.factors).to.deep.equal([
      { id: 'riskCode', kind: 'email', name: 'E-mail', hint: 'a•••@example.com' },
    ]);
    const { transaction } = await choose(question);
    const code = codeIn((await mailTo(test, 'ada@example.com')).text);
    const proved = await answer(transaction, code);
    expect(proved).to.include({ kind: 'proved', acr: 'aal1', trustedDevice: null });
    expect(proved).to.have.property('amr').that.deep.equals(['pwd']);
  });

  it('is asked again after a wrong code, and bears five', async () => {
    await open();
    let { transaction } = await choose(await begin(STRANGE));
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const again = asked(await answer(transaction, '000000'));
      expect(again.wrongAnswer).to.equal(true);
      transaction = again.transaction;
    }
    const last = asked(await answer(transaction, '000000'));
    await refusal(
      answer(last.transaction, codeIn((await mailTo(test, 'ada@example.com')).text)),
      'INVALID_GRANT',
    );
  });

  it('lets nobody set a factor up before the code', async () => {
    await open({}, { factors: { requiredAcr: 'aal2' } });
    const { transaction } = asked(await begin(STRANGE));
    await refusal(
      beginEnrolment(test.deps, { transaction, kind: 'totp' }, context(STRANGE)),
      'INVALID_GRANT',
    );
    const chosen = await choose(await begin(STRANGE));
    const code = codeIn((await mailTo(test, 'ada@example.com')).text);
    expect((await answer(chosen.transaction, code)).kind).to.equal('enrolmentRequired');
  });

  it('ends when the account gets a factor, which the code would walk round', async () => {
    await open();
    const chosen = await choose(await begin(STRANGE));
    const code = codeIn((await mailTo(test, 'ada@example.com')).text);
    const owner = await test.deps.models.users.findOne().lean();
    if (!owner) throw new Error('no user');
    const by = { actor: { kind: 'user', id: owner._id }, origin: ORIGIN } as const;
    await addFactor(
      test.deps,
      owner,
      async () => {
        const { factorId } = await storePasskey(test.deps, owner._id);
        const factor = await test.deps.models.factors.findById(factorId).lean();
        if (!factor) throw new Error('no factor');
        return factor;
      },
      by,
    );
    await refusal(answer(chosen.transaction, code), 'INVALID_GRANT');
    expect(asked(await begin(STRANGE)).factors.map(({ kind }) => kind)).to.deep.equal([
      'webauthn',
      'recoveryCode',
    ]);
  });

  it('needs a CAPTCHA where nobody can be written to', async () => {
    await open({ emailVerified: false, phone: '+442079460018', phoneVerified: true });
    const { captcha } = await refusal(begin(STRANGE), 'CAPTCHA_REQUIRED');
    expect(captcha?.provider).to.equal('proofOfWork');
  });

  it('is refused like a wrong password when too much does', async () => {
    await open({}, { risk: { weights: { newDevice: 120 } } });
    const error = await refusal(begin(STRANGE), 'INVALID_CREDENTIALS');
    expect(error).to.include({ publicMessage: undefined, retryAfterSeconds: undefined });
    expect((await mailTo(test, 'ada@example.com')).subject).to.match(/was refused/);
  });

  it('counts like a wrong password when it is refused, so that no lock tells the two apart', async () => {
    await open({}, { risk: { weights: { newDevice: 120 } }, captcha: { demand: 'never' } });
    const guess = (password: string) =>
      beginSignIn(test.deps, { identifier: 'ada@example.com', password }, context(STRANGE));
    for (const password of ['a', 'b', PASSWORD, 'c', PASSWORD]) {
      await refusal(guess(password), 'INVALID_CREDENTIALS');
    }
    await refusal(guess(PASSWORD), 'ACCOUNT_LOCKED');
  });
});
