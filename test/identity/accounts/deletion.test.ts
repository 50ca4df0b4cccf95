import { expect } from 'chai';
import { verifyCredentials } from '../../../src/identity/accounts/credentials.js';
import {
  cancelDeletion,
  purgeDueAccounts,
  scheduleDeletion,
} from '../../../src/identity/accounts/deletion.js';
import { exportAccountData } from '../../../src/identity/accounts/export.js';
import { requestPasswordReset } from '../../../src/identity/accounts/passwords.js';
import { createSession } from '../../../src/identity/sessions/sessions.js';
import type { User } from '../../../src/models/user.js';
import { createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';
import { mailTo, PASSWORD, UNLIMITED } from './support.js';

describe('the deletion of an account', () => {
  let test: TestDeps;
  let ada: User;
  const own = () => ({ kind: 'user', id: ada._id }) as const;
  const schedule = (password?: string) =>
    scheduleDeletion(
      test.deps,
      { userId: ada._id, ...(password === undefined ? {} : { password }) },
      own(),
      ORIGIN,
    );
  const graceSeconds = () => test.deps.config.accounts.deletionGraceSeconds;

  beforeEach(async () => {
    test = await createTestDeps({ config: UNLIMITED });
    ada = await storeUser(test.deps, {
      email: 'ada@example.com',
      passwordHash: await test.deps.passwords.hash(PASSWORD),
    });
  });
  afterEach(() => test.close());

  /** A client, a session, a grant and an open link of hers. */
  const furnish = async () => {
    await test.deps.models.clients.create({
      _id: 'her-app',
      name: 'Her app',
      ownerId: ada._id,
      tokenEndpointAuthMethod: 'client_secret_basic',
      grantTypes: ['refresh_token'],
      secrets: [{ hash: 'secret-hash', createdAt: new Date() }],
    });
    const { session } = await createSession(test.deps, { user: ada, amr: ['pwd'], withCookie: true }, ORIGIN);
    await test.deps.models.refreshFamilies.create({
      _id: 'family',
      sessionId: session._id,
      userId: ada._id,
      clientId: 'her-app',
      scopes: ['openid'],
      counter: 1,
      rotatedAt: new Date(),
      expiresAt: new Date(Date.now() + 86_400_000),
    });
    await requestPasswordReset(test.deps, { identifier: 'ada@example.com' }, ORIGIN);
    await test.settled();
  };

  it('needs the password, and wrong ones count', async () => {
    await refusal(schedule('wrong'), 'INVALID_CREDENTIALS');
    expect(
      (await test.deps.models.failedAttempts.findById(`account:${ada._id}!present`).lean())?.failures,
    ).to.equal(1);
    expect((await test.deps.models.users.findById(ada._id).lean())?.deletionScheduledAt ?? null).to.equal(
      null,
    );
  });

  it('waits for the grace period, in which the account works and the owner knows', async () => {
    const at = await schedule(PASSWORD);
    expect(at.getTime() - test.clock().getTime()).to.be.closeTo(graceSeconds() * 1000, 5000);
    expect((await mailTo(test, 'ada@example.com')).subject).to.match(/will be deleted/);
    await verifyCredentials(test.deps, { identifier: 'ada@example.com', password: PASSWORD }, ORIGIN);
    expect(await purgeDueAccounts(test.deps)).to.equal(0);
    expect(await schedule(PASSWORD)).to.deep.equal(at);
  });

  it('can be cancelled until then', async () => {
    await schedule(PASSWORD);
    const kept = await cancelDeletion(test.deps, { userId: ada._id }, own(), ORIGIN);
    expect(kept.deletionScheduledAt ?? null).to.equal(null);
    test.clock.advance(graceSeconds() + 1);
    expect(await purgeDueAccounts(test.deps)).to.equal(0);
    // Cancelling nothing is fine.
    await cancelDeletion(test.deps, { userId: ada._id }, own(), ORIGIN);
  });

  it('cannot be cancelled after it', async () => {
    await schedule(PASSWORD);
    test.clock.advance(graceSeconds() + 1);
    await refusal(cancelDeletion(test.deps, { userId: ada._id }, own(), ORIGIN), 'CONFLICT');
  });

  it('removes everything of the user but the audit trail', async () => {
    const bystander = await storeUser(test.deps, { email: 'bea@example.com' });
    await createSession(test.deps, { user: bystander, amr: ['pwd'], withCookie: false }, ORIGIN);
    await furnish();
    await schedule(PASSWORD);
    test.clock.advance(graceSeconds() + 1);
    const counts = await Promise.all([purgeDueAccounts(test.deps), purgeDueAccounts(test.deps)]);
    expect(counts[0] + counts[1]).to.equal(1);

    const { users, sessions, refreshFamilies, confirmations, clients, auditEvents } = test.deps.models;
    expect((await users.find().lean()).map(({ _id }) => _id)).to.deep.equal([bystander._id]);
    expect((await sessions.find().lean()).map(({ userId }) => userId)).to.deep.equal([bystander._id]);
    expect(await refreshFamilies.countDocuments()).to.equal(0);
    expect(await confirmations.countDocuments()).to.equal(0);
    expect(await clients.countDocuments()).to.equal(0);
    const actions = await auditEvents.distinct('action', { objectId: ada._id });
    expect(actions).to.include.members(['user.scheduleDeletion', 'user.delete']);
    const issuedAtSeconds = Math.floor(test.clock().getTime() / 1000) - 60;
    const token = { jti: 'x', sub: ada._id, clientId: 'other', issuedAtSeconds };
    expect(test.deps.denylist.isDenied(token)).to.equal(true);
    expect(test.deps.denylist.isDenied({ ...token, sub: 'other', clientId: 'her-app' })).to.equal(true);
    expect(test.deps.denylist.isDenied({ ...token, sub: bystander._id })).to.equal(false);
    await refusal(
      verifyCredentials(test.deps, { identifier: 'ada@example.com', password: PASSWORD }, ORIGIN),
      'INVALID_CREDENTIALS',
    );
  });

  it('is refused to the last administrator', async () => {
    await test.deps.models.users.updateOne(
      { _id: ada._id },
      { $set: { roleAssignments: [{ role: 'admin' }] } },
    );
    await refusal(schedule(PASSWORD), 'CONFLICT');
    await storeUser(test.deps, { roleAssignments: [{ role: 'admin' }] });
    await schedule(PASSWORD);
  });

  it('can be preceded by an export of everything, without secrets', async () => {
    await furnish();
    const data = JSON.parse(JSON.stringify(await exportAccountData(test.deps, ada._id, ORIGIN)));
    expect(data.account).to.include({ id: ada._id, email: 'ada@example.com' });
    expect(data.sessions).to.have.length(1);
    expect(data.sessions[0].device.browser).to.equal('Firefox');
    expect(data.grants[0]).to.deep.include({ clientId: 'her-app', scopes: ['openid'] });
    expect(data.clients[0]).to.deep.include({ clientId: 'her-app', name: 'Her app' });
    expect(data.auditEvents.map((event: { action: string }) => event.action)).to.include(
      'user.requestPasswordReset',
    );
    const text = JSON.stringify(data);
    for (const secret of ['passwordHash', '$argon2', 'cookieHash', 'secret-hash', 'tokenHash']) {
      expect(text, secret).not.to.include(secret);
    }
    await refusal(exportAccountData(test.deps, 'nobody', ORIGIN), 'NOT_FOUND');
  });

  it('exports what others did to the account without their addresses', async () => {
    await test.deps.audit.record({
      action: 'user.lock',
      outcome: 'success',
      actor: { kind: 'user', id: 'admin' },
      origin: { ...ORIGIN, address: '198.51.100.99' },
      objectType: 'User',
      objectId: ada._id,
    });
    const text = JSON.stringify(await exportAccountData(test.deps, ada._id, ORIGIN));
    expect(text).to.include('user.lock').and.not.to.include('198.51.100.99');
  });
});
