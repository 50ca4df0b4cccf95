import { expect } from 'chai';
import { updateUser } from '../../../src/identity/accounts/administration.js';
import { lockUser, unlockUser } from '../../../src/identity/accounts/administratorLock.js';
import { verifyCredentials } from '../../../src/identity/accounts/credentials.js';
import { createSession } from '../../../src/identity/sessions/sessions.js';
import { createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';
import { PASSWORD, UNLIMITED } from './support.js';

const ACTOR = { kind: 'user', id: 'the-admin' } as const;

describe('the lock of an administrator', () => {
  let test: TestDeps;
  beforeEach(async () => {
    test = await createTestDeps({ config: UNLIMITED });
  });
  afterEach(() => test.close());

  const stored = async () =>
    storeUser(test.deps, {
      email: 'ada@example.com',
      passwordHash: await test.deps.passwords.hash(PASSWORD),
    });
  const update = (userId: string, patch: object) => updateUser(test.deps, { userId, patch }, ACTOR, ORIGIN);
  const signIn = (password = PASSWORD) =>
    verifyCredentials(test.deps, { identifier: 'ada@example.com', password }, ORIGIN);

  it('locks and unlocks, and ends the sessions of the locked', async () => {
    const user = await stored();
    await createSession(test.deps, { user, amr: ['pwd'], withCookie: false }, ORIGIN);
    const locked = await lockUser(test.deps, { userId: user._id, reason: 'left' }, ACTOR, ORIGIN);
    expect(locked).to.include({ status: 'locked', lockReason: 'left' });
    expect(await test.deps.models.sessions.countDocuments({ revokedAt: null })).to.equal(0);
    await refusal(signIn(), 'ACCOUNT_LOCKED');
    const unlocked = await unlockUser(test.deps, { userId: user._id }, ACTOR, ORIGIN);
    expect(unlocked.status).to.equal('active');
    expect(unlocked.lockReason ?? null).to.equal(null);
    await signIn();
  });

  it('unlocks what failures locked', async () => {
    const user = await stored();
    for (let failure = 0; failure < 5; failure += 1) await refusal(signIn('no'), 'INVALID_CREDENTIALS');
    await unlockUser(test.deps, { userId: user._id }, ACTOR, ORIGIN);
    await signIn();
  });

  it('refuses a lock in the past, of the disabled, and of nobody', async () => {
    const user = await storeUser(test.deps, { status: 'disabled' });
    await refusal(lockUser(test.deps, { userId: user._id }, ACTOR, ORIGIN), 'CONFLICT');
    await refusal(
      lockUser(test.deps, { userId: user._id, until: new Date(0) }, ACTOR, ORIGIN),
      'BAD_USER_INPUT',
    );
    await refusal(lockUser(test.deps, { userId: 'nobody' }, ACTOR, ORIGIN), 'NOT_FOUND');
    await refusal(update('nobody', { name: 'x' }), 'NOT_FOUND');
    expect((await unlockUser(test.deps, { userId: user._id }, ACTOR, ORIGIN)).status).to.equal('disabled');
    const locked = await storeUser(test.deps, { status: 'locked' });
    await refusal(update(locked._id, { status: 'active' }), 'CONFLICT');
  });
});
