import { expect } from 'chai';
import { createUser, setUserRoles, updateUser } from '../../../src/identity/accounts/administration.js';
import { lockUser } from '../../../src/identity/accounts/administratorLock.js';
import { verifyCredentials } from '../../../src/identity/accounts/credentials.js';
import { resetPassword } from '../../../src/identity/accounts/passwords.js';
import { updateProfile } from '../../../src/identity/accounts/profile.js';
import { openEvents } from '../../../src/identity/audit/sealing.js';
import { createSession } from '../../../src/identity/sessions/sessions.js';
import { createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';
import { auditText, mailTo, OTHER_PASSWORD, PASSWORD, tally, tokenIn, UNLIMITED } from './support.js';

const ACTOR = { kind: 'user', id: 'the-admin' } as const;
const ADMIN = [{ role: 'admin' }];
const USER = [{ role: 'user' }];

describe('administration', () => {
  let test: TestDeps;
  beforeEach(async () => {
    test = await createTestDeps({ config: UNLIMITED });
  });
  afterEach(() => test.close());

  const create = (input: object) => createUser(test.deps, input, ACTOR, ORIGIN);
  const update = (userId: string, patch: object) => updateUser(test.deps, { userId, patch }, ACTOR, ORIGIN);
  const signIn = (identifier: string, password = PASSWORD) =>
    verifyCredentials(test.deps, { identifier, password }, ORIGIN);
  const admin = (email: string) => storeUser(test.deps, { email, roleAssignments: ADMIN });

  it('makes an account that can be used at once', async () => {
    const user = await create({
      email: 'Ada@example.com',
      emailVerified: true,
      username: 'ada',
      password: PASSWORD,
      roles: ['user'],
      attributes: { department: 'sales', level: 3, tags: ['a', 'b'] },
      locale: 'en-gb',
    });
    expect(user).to.include({ email: 'Ada@example.com', emailVerified: true, locale: 'en-GB' });
    expect(user).not.to.have.property('passwordHash');
    expect((await signIn('ada')).attributes).to.deep.equal({
      department: 'sales',
      level: 3,
      tags: ['a', 'b'],
    });
    expect(test.mails).to.have.length(0);
  });

  it('invites who gets no password, and the link sets one', async () => {
    await create({ email: 'ada@example.com' });
    const mail = await mailTo(test, 'ada@example.com');
    test.clock.advance(6 * 86_400);
    await resetPassword(test.deps, { token: tokenIn(mail.text), newPassword: OTHER_PASSWORD }, ORIGIN);
    expect((await signIn('ada@example.com', OTHER_PASSWORD)).emailVerified).to.equal(true);
  });

  it('tells which identifier is taken, and makes nothing', async () => {
    await create({ email: 'ada@example.com', username: 'ada', phone: '+442079460018', password: PASSWORD });
    const count = await test.deps.models.users.countDocuments();
    for (const [input, field] of [
      [{ email: 'ADA@example.com' }, 'email'],
      [{ username: 'Ada' }, 'username'],
      [{ phone: '+44 20 7946 0018' }, 'phone'],
    ] as const) {
      expect((await refusal(create(input), 'CONFLICT')).path).to.deep.equal([field]);
    }
    expect(await test.deps.models.users.countDocuments()).to.equal(count);
  });

  it('refuses roles that do not exist, odd attributes and nobody in particular', async () => {
    const cases: [object, string[]][] = [
      [{ email: 'x@example.com', roles: ['user', 'emperor'] }, ['roles', '1', 'role']],
      [{ email: 'x@example.com', roles: ['user', 'user'] }, ['roles', '1', 'role']],
      [{ email: 'x@example.com', attributes: { $where: '1' } }, ['attributes', '$where']],
      [{ email: 'x@example.com', attributes: { nested: { a: 1 } } }, ['attributes', 'nested']],
      [{ email: 'x@example.com', picture: 'javascript:alert(1)' }, ['picture']],
      [{ email: 'x@example.com', birthdate: '2023-02-29' }, ['birthdate']],
      [{ email: 'x@example.com', zoneinfo: 'Mars/Olympus' }, ['zoneinfo']],
      [{ email: 'x@example.com', passwordHash: 'md5:abc' }, ['passwordHash']],
      [{ name: 'Nobody' }, ['email']],
    ];
    for (const [input, path] of cases) {
      expect((await refusal(create(input), 'BAD_USER_INPUT')).path, JSON.stringify(input)).to.deep.equal(
        path,
      );
    }
    await refusal(create({ email: 'x@example.com', password: 'password1' }), 'PASSWORD_TOO_WEAK');
    expect(await test.deps.models.users.countDocuments()).to.equal(0);
  });

  it('changes fields, clears those that are null, and audits both values', async () => {
    const user = await create({
      email: 'ada@example.com',
      emailVerified: true,
      name: 'Ada',
      nickname: 'A',
      password: PASSWORD,
    });
    const changed = await update(user._id, {
      name: 'Ada L.',
      nickname: null,
      phone: '+442079460018',
      phoneVerified: true,
    });
    expect(changed).to.include({ name: 'Ada L.', phone: '+442079460018', phoneVerified: true });
    expect(changed.nickname ?? null).to.equal(null);
    const stored = await test.deps.models.auditEvents.find({ action: 'user.update' }).lean();
    const [event] = await openEvents(test.deps, stored);
    expect(event?.fields).to.include.members(['name', 'nickname', 'phone', 'phoneVerified']);
    expect(JSON.parse(event?.before ?? '')).to.deep.include({ name: 'Ada', nickname: 'A' });
    expect(JSON.parse(event?.after ?? '')).to.deep.include({ name: 'Ada L.', nickname: null });
    expect(await auditText(test)).not.to.include('$argon2');
  });

  it('tells the old address of a change and trusts the new one only when told to', async () => {
    const user = await create({ email: 'old@example.com', emailVerified: true, password: PASSWORD });
    const changed = await update(user._id, { email: 'new@example.com' });
    expect(changed).to.include({ email: 'new@example.com', emailVerified: false });
    expect((await mailTo(test, 'old@example.com')).subject).to.match(/e-mail address .* was changed/);
    await refusal(update(user._id, { email: null }), 'BAD_USER_INPUT');
  });

  it('disables an account and ends its sessions', async () => {
    const user = await create({ email: 'ada@example.com', emailVerified: true, password: PASSWORD });
    await createSession(test.deps, { user, amr: ['pwd'], withCookie: false }, ORIGIN);
    await update(user._id, { status: 'disabled' });
    expect(await test.deps.models.sessions.countDocuments({ revokedAt: null })).to.equal(0);
    await refusal(signIn('ada@example.com'), 'ACCOUNT_LOCKED');
    await update(user._id, { status: 'active' });
    await signIn('ada@example.com');
  });

  it('lets people change their own profile', async () => {
    const user = await create({ email: 'ada@example.com', username: 'ada', password: PASSWORD });
    await create({ email: 'bea@example.com', username: 'bea', password: PASSWORD });
    const own = { kind: 'user', id: user._id } as const;
    const changed = await updateProfile(
      test.deps,
      user._id,
      { username: 'Ada.L', address: { locality: ' London ', country: '' }, birthdate: '1815-12-10' },
      own,
      ORIGIN,
    );
    expect(changed).to.deep.include({
      username: 'Ada.L',
      address: { locality: 'London' },
      birthdate: '1815-12-10',
    });
    const error = await refusal(
      updateProfile(test.deps, user._id, { username: 'BEA' }, own, ORIGIN),
      'CONFLICT',
    );
    expect(error.path).to.deep.equal(['username']);
  });

  describe('of the last administrator', () => {
    it('neither strips, locks, disables nor lets expire', async () => {
      const last = await admin('last@example.com');
      await storeUser(test.deps, { roleAssignments: ADMIN, status: 'disabled' });
      await storeUser(test.deps, {
        roleAssignments: [{ role: 'admin', validUntil: new Date(Date.now() + 86_400_000) }],
      });
      const tomorrow = new Date(Date.now() + 86_400_000);
      const roles = (assigned: object[]) =>
        setUserRoles(test.deps, { userId: last._id, roles: assigned as typeof ADMIN }, ACTOR, ORIGIN);
      await refusal(roles(USER), 'CONFLICT');
      await refusal(roles([]), 'CONFLICT');
      await refusal(roles([{ role: 'admin', validUntil: tomorrow }]), 'CONFLICT');
      await refusal(roles([{ role: 'admin', validFrom: tomorrow }]), 'CONFLICT');
      await refusal(lockUser(test.deps, { userId: last._id }, ACTOR, ORIGIN), 'CONFLICT');
      await refusal(update(last._id, { status: 'disabled' }), 'CONFLICT');
      const unchanged = await test.deps.models.users.findById(last._id).lean();
      expect(unchanged).to.deep.equal(last);
      // What keeps the right is fine.
      await roles([{ role: 'admin' }, { role: 'user' }]);
    });

    it('leaves one when both of two are stripped at the same time', async () => {
      for (let round = 0; round < 10; round += 1) {
        await test.deps.models.users.deleteMany({});
        const both = [await admin('one@example.com'), await admin('two@example.com')];
        const counts = await tally(
          both.map(({ _id }) => setUserRoles(test.deps, { userId: _id, roles: USER }, ACTOR, ORIGIN)),
        );
        expect(counts['CONFLICT'] ?? 0).to.be.at.least(1);
        const left = await test.deps.models.users.countDocuments({ 'roleAssignments.role': 'admin' });
        expect(left).to.equal(2 - (counts['ok'] ?? 0));
      }
    });
  });
});
