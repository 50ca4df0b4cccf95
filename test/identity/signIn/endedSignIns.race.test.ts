import { expect } from 'chai';
import { lockUser } from '../../../src/identity/accounts/administratorLock.js';
import {
  changePassword,
  requestPasswordReset,
  resetPassword,
} from '../../../src/identity/accounts/passwords.js';
import { regenerateRecoveryCodes } from '../../../src/identity/factors/recoveryCodes.js';
import {
  approveAssistedRecovery,
  requestAssistedRecovery,
} from '../../../src/identity/recovery/assistedRecovery.js';
import { createSession } from '../../../src/identity/sessions/sessions.js';
import { enter } from '../../../src/identity/signIn/enter.js';
import { RECOVERY_CODE_ID } from '../../../src/identity/signIn/factorOptions.js';
import { answerFactor, chooseFactor } from '../../../src/identity/signIn/factorStep.js';
import type { SignInOutcome } from '../../../src/identity/signIn/outcome.js';
import { beginSignIn, beginStepUp } from '../../../src/identity/signIn/signIn.js';
import type { User } from '../../../src/models/user.js';
import { createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { storePasskey } from '../../support/passkey.js';
import { mailTo, OTHER_PASSWORD, PASSWORD, tokenIn, UNLIMITED } from '../accounts/support.js';

const CONTEXT = { origin: ORIGIN, binding: 'thief' };
const ADMIN = { kind: 'user', id: 'first-administrator' } as const;
const OTHER_ADMIN = { kind: 'user', id: 'second-administrator' } as const;

describe('what ends an account’s sessions', () => {
  let test: TestDeps;
  let user: User;
  let passwordHash: string;
  before(async () => {
    test = await createTestDeps({
      config: { ...UNLIMITED, risk: { enabled: false }, sessions: { maxPerUser: 100 } },
    });
    passwordHash = await test.deps.passwords.hash(PASSWORD);
  });
  beforeEach(async () => {
    user = await storeUser(test.deps, { passwordHash });
  });
  after(() => test.close());

  const letIn = async (outcome: SignInOutcome) => {
    if (outcome.kind !== 'proved') throw new Error(outcome.kind);
    return enter(test.deps, outcome, { withCookie: true }, ORIGIN);
  };
  const begin = () => beginSignIn(test.deps, { identifier: user.email ?? '', password: PASSWORD }, CONTEXT);
  async function choose(outcome: SignInOutcome): Promise<string> {
    if (outcome.kind !== 'factorRequired') throw new Error(outcome.kind);
    const step = { transaction: outcome.transaction, factorId: RECOVERY_CODE_ID };
    const chosen = await chooseFactor(test.deps, step, CONTEXT);
    return 'transaction' in chosen ? chosen.transaction : '';
  }
  const answer = async (transaction: string, recoveryCode: string) =>
    letIn(await answerFactor(test.deps, { transaction, answer: { recoveryCode } }, CONTEXT));

  /** What a thief, who has all that it takes, has ready; each is the last step. */
  const thefts: Record<string, () => Promise<(() => Promise<unknown>)[]>> = {
    'a password': async () => Array.from({ length: 4 }, () => async () => letIn(await begin())),
    'a password and a factor': async () => {
      await storePasskey(test.deps, user._id);
      const codes = await regenerateRecoveryCodes(test.deps, user._id);
      const ready = await Promise.all(
        codes.slice(0, 4).map(async (code) => ({ code, at: await choose(await begin()) })),
      );
      return ready.map(
        ({ code, at }) =>
          () =>
            answer(at, code),
      );
    },
    'a session that is being raised': async () => {
      await storePasskey(test.deps, user._id);
      const codes = await regenerateRecoveryCodes(test.deps, user._id);
      const ready = await Promise.all(
        codes.slice(0, 4).map(async (code) => {
          const { session } = await createSession(
            test.deps,
            { user, amr: ['pwd'], withCookie: true },
            ORIGIN,
          );
          const running = { user, sessionId: session._id, amr: session.amr };
          return { code, at: await choose(await beginStepUp(test.deps, running, {}, CONTEXT)) };
        }),
      );
      return ready.map(
        ({ code, at }) =>
          () =>
            answer(at, code),
      );
    },
  };

  /** Each ready to be done at the same moment. */
  const ends: Record<string, () => Promise<() => Promise<unknown>>> = {
    'a reset of the password': async () => {
      await requestPasswordReset(test.deps, { identifier: user.email ?? '' }, ORIGIN);
      const token = tokenIn((await mailTo(test, user.email ?? '')).text);
      return () => resetPassword(test.deps, { token, newPassword: OTHER_PASSWORD }, ORIGIN);
    },
    'a change of the password': async () => () =>
      changePassword(
        test.deps,
        { userId: user._id, currentPassword: PASSWORD, newPassword: OTHER_PASSWORD, keepSessionId: null },
        ORIGIN,
      ),
    'a lock by an administrator': async () => () =>
      lockUser(test.deps, { userId: user._id, reason: 'stolen' }, ADMIN, ORIGIN),
    'an assisted recovery': async () => {
      const wanted = { owner: user, reason: 'known by voice' };
      const { _id } = await requestAssistedRecovery(test.deps, wanted, ADMIN, ORIGIN);
      return () => approveAssistedRecovery(test.deps, { owner: user, requestId: _id }, OTHER_ADMIN, ORIGIN);
    },
  };

  for (const [ending, readyToEnd] of Object.entries(ends)) {
    for (const [theft, readyToEnter] of Object.entries(thefts)) {
      it(`as ${ending} leaves none to whoever enters by ${theft} at that moment`, async () => {
        const end = await readyToEnd();
        const enters = await readyToEnter();
        const [first, ...rest] = enters.map((one) => one());
        await Promise.allSettled([first, end(), ...rest]);
        const alive = await test.deps.models.sessions.find({ userId: user._id, revokedAt: null }).lean();
        expect(alive).to.deep.equal([]);
      });
    }
  }
});
