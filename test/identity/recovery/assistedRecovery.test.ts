import { expect } from 'chai';
import { isAppError } from '../../../src/errors.js';
import { verifyCredentials } from '../../../src/identity/accounts/credentials.js';
import { requestPasswordReset, resetPassword } from '../../../src/identity/accounts/passwords.js';
import { beginPasskeySignIn } from '../../../src/identity/factors/passkeys.js';
import type { AuditActor, AuditEntry } from '../../../src/identity/ports.js';
import {
  approveAssistedRecovery,
  requestAssistedRecovery,
} from '../../../src/identity/recovery/assistedRecovery.js';
import { assertNoRecoveryCooldown } from '../../../src/identity/recovery/cooldown.js';
import { createSession } from '../../../src/identity/sessions/sessions.js';
import { enter } from '../../../src/identity/signIn/enter.js';
import { signInByPasskey } from '../../../src/identity/signIn/passkeySignIn.js';
import { beginSignIn } from '../../../src/identity/signIn/signIn.js';
import type { User } from '../../../src/models/user.js';
import { createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { storePasskey } from '../../support/passkey.js';
import { refusal } from '../../support/refusal.js';
import { mailTo, OTHER_PASSWORD, PASSWORD, tally, tokenIn, UNLIMITED } from '../accounts/support.js';

describe('a recovery by two administrators', () => {
  let test: TestDeps;
  let ada: User;
  const FIRST: AuditActor = { kind: 'user', id: 'first-administrator' };
  const SECOND: AuditActor = { kind: 'user', id: 'second-administrator' };
  beforeEach(async () => {
    test = await createTestDeps({ config: UNLIMITED });
    ada = await storeUser(test.deps, { email: 'ada@example.com' });
  });
  afterEach(() => test.close());

  const request = (by = FIRST, reason = 'showed her passport at the desk') =>
    requestAssistedRecovery(test.deps, { owner: ada, reason }, by, ORIGIN);
  const approve = (requestId: string, by = SECOND) =>
    approveAssistedRecovery(test.deps, { owner: ada, requestId }, by, ORIGIN);
  async function addFactor(): Promise<void> {
    const now = test.clock();
    await test.deps.models.factors.create({
      _id: 'factor',
      userId: ada._id,
      kind: 'email',
      name: 'E-mail',
      target: 'ada@example.com',
      confirmedAt: now,
    });
  }

  it('gives the owner a link, takes factors and sessions away, and is audited and told', async () => {
    await addFactor();
    await createSession(test.deps, { user: ada, amr: ['pwd'], withCookie: true }, ORIGIN);
    const { _id } = await request();
    expect((await mailTo(test, 'ada@example.com')).subject).to.match(/asked for the recovery/);
    expect(await test.deps.models.factors.countDocuments()).to.equal(1);
    const approved = await approve(_id);
    expect(approved.removedFactors).to.equal(1);
    expect(await test.deps.models.factors.countDocuments()).to.equal(0);
    expect(await test.deps.models.sessions.countDocuments({ revokedAt: null })).to.equal(0);
    await resetPassword(test.deps, { token: tokenIn(approved.url), newPassword: OTHER_PASSWORD }, ORIGIN);
    const credentials = { identifier: 'ada@example.com', password: OTHER_PASSWORD };
    expect((await verifyCredentials(test.deps, credentials, { ...ORIGIN }))._id).to.equal(ada._id);
    await test.settled();
    const events = await test.deps.models.auditEvents
      .find({ action: /AssistedRecovery$/ })
      .sort({ _id: 1 })
      .lean();
    expect(events.map(({ action, actorId }) => [action, actorId])).to.deep.equal([
      ['user.requestAssistedRecovery', FIRST.id],
      ['user.approveAssistedRecovery', SECOND.id],
    ]);
  });

  it('leaves no session to the key of a thief, which signs in while its factors are being taken', async () => {
    const key = await storePasskey(test.deps, ada._id);
    const signIn = async (deps = test.deps) => {
      const { challenge } = await beginPasskeySignIn(deps, null);
      const context = { origin: ORIGIN, binding: 'thief' };
      const outcome = await signInByPasskey(deps, { passkey: key.answer(challenge) }, context);
      if (outcome.kind === 'proved') await enter(deps, outcome, { withCookie: true }, ORIGIN);
    };
    const { _id } = await request();
    const outcomes: string[] = [];
    const tried = () =>
      signIn().then(
        () => outcomes.push('let in'),
        (error: unknown) => outcomes.push(isAppError(error) ? error.code : String(error)),
      );
    // At every step that is written down.
    const audit = {
      ...test.deps.audit,
      record: async (entry: AuditEntry) => {
        await test.deps.audit.record(entry);
        if (entry.action !== 'user.signIn' && entry.actor.id === SECOND.id) await tried();
      },
    };
    const wanted = { owner: ada, requestId: _id };
    await approveAssistedRecovery({ ...test.deps, audit }, wanted, SECOND, ORIGIN);
    expect(outcomes).to.include('CODE_INVALID').and.include('let in');
    const alive = await test.deps.models.sessions.find({ userId: ada._id, revokedAt: null }).lean();
    expect(alive).to.deep.equal([]);
  });

  describe('of an account whose password somebody else knows, and not its factor', () => {
    beforeEach(async () => {
      const passwordHash = await test.deps.passwords.hash(PASSWORD);
      await test.deps.models.users.updateOne({ _id: ada._id }, { $set: { passwordHash } });
      await addFactor();
    });
    const context = { origin: ORIGIN, binding: 'thief' };
    const begin = () =>
      beginSignIn(test.deps, { identifier: 'ada@example.com', password: PASSWORD }, context);

    it('lets them in by nothing between the approval and the reset', async () => {
      const { _id } = await request();
      expect((await begin()).kind).to.equal('factorRequired');
      const { url } = await approve(_id);
      await refusal(begin(), 'INVALID_CREDENTIALS');
      await resetPassword(test.deps, { token: tokenIn(url), newPassword: OTHER_PASSWORD }, ORIGIN);
      await refusal(begin(), 'INVALID_CREDENTIALS');
    });

    it('ends what they had begun, at whatever moment they end it', async () => {
      const { _id } = await request();
      const owner = await test.deps.models.users.findById(ada._id).lean<User>();
      if (!owner) throw new Error('no owner');
      const enters = () =>
        createSession(test.deps, { user: owner, amr: ['pwd', 'otp'], acr: 'aal2', withCookie: true }, ORIGIN);
      await Promise.allSettled([approve(_id), ...Array.from({ length: 20 }, enters)]);
      expect(await test.deps.models.sessions.countDocuments({ revokedAt: null })).to.equal(0);
    });

    it('voids the links and codes that they asked for', async () => {
      await requestPasswordReset(test.deps, { identifier: 'ada@example.com' }, ORIGIN);
      const theirs = tokenIn((await mailTo(test, 'ada@example.com')).text);
      const { url } = await approve((await request())._id);
      const reset = (token: string) =>
        resetPassword(test.deps, { token, newPassword: OTHER_PASSWORD }, ORIGIN);
      await refusal(reset(theirs), 'CODE_INVALID');
      await reset(tokenIn(url));
    });
  });

  it('changes nothing where there is no contact that a link could be bound to', async () => {
    const nobody = await storeUser(test.deps);
    await test.deps.models.users.updateOne({ _id: nobody._id }, { $unset: { email: 1, emailNormalized: 1 } });
    const owner = await test.deps.models.users.findById(nobody._id).lean<User>();
    if (!owner) throw new Error('no owner');
    const asked = requestAssistedRecovery(test.deps, { owner, reason: 'known' }, FIRST, ORIGIN);
    await refusal(asked, 'CONFLICT');
  });

  it('takes two: nobody approves their own request, nor what concerns themselves', async () => {
    const { _id } = await request();
    await refusal(approve(_id, FIRST), 'FORBIDDEN');
    await refusal(approve(_id, { kind: 'user', id: ada._id }), 'FORBIDDEN');
    await refusal(request({ kind: 'user', id: ada._id }), 'FORBIDDEN');
    await refusal(approve(_id, { kind: 'client', id: 'service' }), 'FORBIDDEN');
    await refusal(request(FIRST, '  '), 'BAD_USER_INPUT');
    await approve(_id);
  });

  it('is approved once, of fifty at a time, within a day, and for the account that it is about', async () => {
    const { _id } = await request();
    const other = await storeUser(test.deps);
    await refusal(
      approveAssistedRecovery(test.deps, { owner: other, requestId: _id }, SECOND, ORIGIN),
      'NOT_FOUND',
    );
    const counts = await tally(Array.from({ length: 50 }, () => approve(_id)));
    expect(counts).to.deep.equal({ ok: 1, NOT_FOUND: 49 });
    const late = await request();
    test.clock.advance(86_401);
    await refusal(approve(late._id), 'NOT_FOUND');
  });

  it('is followed by a time in which no factor is removed, as is a reset by mail', async () => {
    const cooldown = () => assertNoRecoveryCooldown(test.deps, ada._id);
    await cooldown();
    const { _id } = await request();
    await cooldown();
    const { url } = await approve(_id);
    await refusal(cooldown(), 'FORBIDDEN');
    test.clock.advance(600);
    await resetPassword(test.deps, { token: tokenIn(url), newPassword: OTHER_PASSWORD }, ORIGIN);
    test.clock.advance(test.deps.config.accounts.recoveryCooldownSeconds - 1);
    await refusal(cooldown(), 'FORBIDDEN');
    test.clock.advance(1);
    await cooldown();
  });
});
