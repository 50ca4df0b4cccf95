import { expect } from 'chai';
import { assertMayGrantRoles } from '../../src/identity/escalation.js';
import { createPolicySource, type RunningPolicySource } from '../../src/identity/policySource.js';
import { createRole, deleteRole, updateRole } from '../../src/identity/roles.js';
import { createAccess } from '../../src/policies/access.js';
import type { Access } from '../../src/policies/decision.js';
import { ANONYMOUS } from '../../src/policies/principal.js';
import type { Rule } from '../../src/policies/rule.js';
import { REAL_CATALOG } from '../policies/realCatalog.js';
import { createTestDeps, ORIGIN, storeUser, type TestDeps } from '../support/deps.js';
import { refusal } from '../support/refusal.js';

const ACTOR = { kind: 'user', id: 'me' } as const;
const rule = (id: string, actions: string[], fields: string[], more: Partial<Rule> = {}): Rule => ({
  id,
  effect: 'allow',
  actions,
  subject: 'User',
  fields,
  ...more,
});

describe('roles', () => {
  let test: TestDeps;
  let policy: RunningPolicySource;
  let deps: TestDeps['deps'];

  const accessOf = (...roles: string[]): Access =>
    createAccess(policy.current(), REAL_CATALOG, { ...ANONYMOUS, kind: 'user', id: 'me', roles }, new Date());
  const create = (input: Parameters<typeof createRole>[1], access = accessOf('admin')) =>
    createRole(deps, input, access, ACTOR, ORIGIN);
  const update = (input: Parameters<typeof updateRole>[1], access = accessOf('admin')) =>
    updateRole(deps, input, access, ACTOR, ORIGIN);

  beforeEach(async () => {
    test = await createTestDeps();
    policy = await createPolicySource({ ...test.deps, catalog: REAL_CATALOG });
    deps = { ...test.deps, policy };
  });
  afterEach(async () => {
    await policy.close();
    await test.close();
  });

  it('are created as a new version, with an audit event', async () => {
    const conditions = { status: 'active' };
    const rules = [
      {
        ...rule('names', ['read'], ['id', 'name']),
        conditions,
        requires: { acr: 'aal2', maxAgeSeconds: null },
      },
    ];
    const role = await create({ name: 'hr', description: 'People', inherits: ['user'], rules });
    expect(role).to.deep.include({ _id: 'hr', description: 'People', inherits: ['user'], builtIn: false });
    expect(JSON.parse(role.rules[0]?.conditions ?? '')).to.deep.equal(conditions);
    expect(policy.current().version).to.equal(2);
    expect(policy.current().roles.get('hr')?.rules[0]).to.deep.equal({
      ...rule('names', ['read'], ['id', 'name']),
      conditions,
      requires: { acr: 'aal2' },
    });
    const event = await deps.models.auditEvents.findOne({ action: 'role.create' }).lean();
    expect(event).to.deep.include({
      objectId: 'hr',
      actorId: 'me',
      fields: ['description', 'inherits', 'rules'],
    });
  });

  it('are refused with the path of the fault, and nothing is published', async () => {
    const error = await refusal(
      create({ name: 'hr', rules: [rule('r', ['read'], ['id', 'nmae'])] }),
      'BAD_USER_INPUT',
    );
    expect(error).to.deep.include({ code: 'BAD_USER_INPUT', path: ['rules', '0', 'fields', '1'] });
    expect((await refusal(create({ name: 'HR' }), 'BAD_USER_INPUT')).path).to.deep.equal(['name']);
    expect((await refusal(create({ name: 'hr', inherits: ['x'] }), 'BAD_USER_INPUT')).path).to.deep.equal([
      'inherits',
      '0',
    ]);
    await refusal(create({ name: 'admin' }), 'CONFLICT');
    expect(policy.current().version).to.equal(1);
  });

  it('cannot be made to inherit themselves', async () => {
    await create({ name: 'a' });
    await create({ name: 'b', inherits: ['a'] });
    await refusal(update({ name: 'a', inherits: ['b'] }), 'BAD_USER_INPUT');
  });

  it('keep what a change leaves out', async () => {
    await create({ name: 'hr', description: 'People', rules: [rule('r', ['read'], ['id'])] });
    await update({ name: 'hr', inherits: ['user'] });
    expect(policy.current().roles.get('hr')).to.deep.include({ description: 'People', inherits: ['user'] });
    expect(policy.current().roles.get('hr')?.rules).to.have.length(1);
  });

  it('that are built in cannot be changed or deleted', async () => {
    await refusal(update({ name: 'user', description: 'x' }), 'CONFLICT');
    await refusal(deleteRole(deps, 'auditor', ACTOR, ORIGIN), 'CONFLICT');
  });

  it('that are held, inherited or given to new accounts cannot be deleted', async () => {
    await create({ name: 'held' });
    await storeUser(deps, { roleAssignments: [{ role: 'held' }] });
    await refusal(deleteRole(deps, 'held', ACTOR, ORIGIN), 'CONFLICT');
    await create({ name: 'base' });
    await create({ name: 'heir', inherits: ['base'] });
    await refusal(deleteRole(deps, 'base', ACTOR, ORIGIN), 'CONFLICT');
    await refusal(deleteRole(deps, 'user', ACTOR, ORIGIN), 'CONFLICT');
    await refusal(deleteRole(deps, 'nothing', ACTOR, ORIGIN), 'NOT_FOUND');
    await deleteRole(deps, 'heir', ACTOR, ORIGIN);
    expect(policy.current().roles.has('heir')).to.equal(false);
    expect(await deps.models.roles.findById('heir').lean()).to.equal(null);
  });

  describe('and escalation', () => {
    const grant =
      (access: Access, ...roles: string[]) =>
      () =>
        assertMayGrantRoles({ policy }, access, roles);

    it('lets an administrator grant everything and others what they hold', () => {
      expect(grant(accessOf('admin'), 'admin', 'developer', 'auditor')).not.to.throw();
      expect(grant(accessOf('developer'), 'user', 'developer')).not.to.throw();
      expect(grant(accessOf('moderator'), 'auditor')).to.throw(/granting auditor/);
      expect(grant(accessOf('auditor'), 'admin')).to.throw(/granting admin/);
      expect(grant(accessOf('admin'), 'nothing')).to.throw(/unknown role nothing/);
    });

    it('counts what a role inherits', async () => {
      await create({ name: 'boss', inherits: ['admin'] });
      expect(grant(accessOf('auditor'), 'boss')).to.throw(/granting boss/);
    });

    it('does not let a role be made or widened beyond its maker', async () => {
      const auditor = accessOf('auditor');
      const lock = [rule('lock', ['lock'], ['*'])];
      await refusal(create({ name: 'x', rules: lock }, auditor), 'FORBIDDEN');
      await refusal(create({ name: 'x', inherits: ['admin'] }, auditor), 'FORBIDDEN');
      await create({ name: 'mine', rules: [rule('r', ['read'], ['id'])] });
      await refusal(update({ name: 'mine', rules: lock }, auditor), 'FORBIDDEN');
      await update({ name: 'mine', rules: [rule('r', ['read'], ['id', 'email'])] }, auditor);
    });

    it('does not mind rights that the role has already, and lets it be narrowed', async () => {
      await create({ name: 'strong', rules: [rule('lock', ['lock'], ['*']), rule('r', ['read'], ['id'])] });
      await update({ name: 'strong', description: 'x' }, accessOf('auditor'));
      await update({ name: 'strong', rules: [rule('r', ['read'], ['id'])] }, accessOf('auditor'));
    });

    it('does not let a refusal be lifted by whom it binds', async () => {
      const deny = rule('noPhone', ['read'], ['phone'], { effect: 'deny' });
      await create({ name: 'bound', inherits: ['auditor'], rules: [deny] });
      const bound = accessOf('bound');
      await refusal(update({ name: 'bound', rules: [] }, bound), 'FORBIDDEN');
      const narrower = [{ ...deny, conditions: { status: 'locked' } }];
      await refusal(update({ name: 'bound', rules: narrower }, bound), 'FORBIDDEN');
      await refusal(create({ name: 'y', inherits: ['auditor'] }, bound), 'FORBIDDEN');
      await update({ name: 'bound', rules: [] }, accessOf('admin'));
    });

    it('leaves an administrator who may publish a policy', async () => {
      const admin = accessOf('admin');
      await create({ name: 'trap' }, admin);
      await storeUser(test.deps, { roleAssignments: [{ role: 'admin' }, { role: 'trap' }] });
      const deny = {
        id: 'no',
        effect: 'deny' as const,
        actions: ['publish'],
        subject: 'PolicyVersion',
        fields: ['*'],
      };
      const trapped = () => update({ name: 'trap', rules: [deny] }, admin);
      await refusal(trapped(), 'CONFLICT');
      await storeUser(test.deps, { roleAssignments: [{ role: 'admin' }] });
      await trapped();
    });

    it('is judged by the effective right: a narrow token grants little', () => {
      const token = { jti: 'j', clientId: 'c', scopes: ['users:write'], audience: [] };
      const principal = { ...ANONYMOUS, kind: 'user' as const, id: 'me', roles: ['admin'], token };
      const access = createAccess(policy.current(), REAL_CATALOG, principal, new Date());
      expect(grant(access, 'auditor')).to.throw(/granting auditor/);
    });
  });
});
