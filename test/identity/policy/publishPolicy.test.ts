import { expect } from 'chai';
import { publishPolicy, rollbackPolicy } from '../../../src/identity/policy/publishPolicy.js';
import { createAccess } from '../../../src/policies/access.js';
import { ANONYMOUS } from '../../../src/policies/principal.js';
import { createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { refusal } from '../../support/refusal.js';

const ACTOR = { kind: 'user', id: 'me' } as const;
const rule = (fields: string[], more: object = {}) => ({
  id: 'rule',
  effect: 'allow' as const,
  actions: ['read'],
  subject: 'User',
  fields,
  ...more,
});
/** May publish, and read names; nothing else. */
const EDITOR = {
  name: 'editor',
  rules: [
    rule(['id', 'name']),
    { ...rule(['*']), id: 'publish', actions: ['publish', 'rollback'], subject: 'PolicyVersion' },
    { ...rule(['id']), id: 'see', subject: 'PolicyVersion' },
  ],
};

describe('publishing a policy', () => {
  let test: TestDeps;
  beforeEach(async () => {
    test = await createTestDeps();
    await publish('admin', { roles: [EDITOR] });
  });
  afterEach(() => test.close());

  const accessOf = (role: string) =>
    createAccess(
      test.deps.policy.current(),
      test.deps.policy.catalog,
      { ...ANONYMOUS, kind: 'user', id: 'me', roles: [role] },
      test.clock(),
    );
  const publish = (role: string, draft: Parameters<typeof publishPolicy>[1]['draft']) =>
    publishPolicy(test.deps, { draft, comment: '' }, accessOf(role), ACTOR, ORIGIN);

  it('gives only what its publisher holds, in a role, by inheritance and in a scope', async () => {
    await publish('editor', { roles: [{ name: 'names', rules: [rule(['id', 'name'])] }] });
    const phone = rule(['id', 'phone']);
    await refusal(publish('editor', { roles: [{ name: 'names', rules: [phone] }] }), 'FORBIDDEN');
    await refusal(publish('editor', { roles: [{ name: 'names', inherits: ['auditor'] }] }), 'FORBIDDEN');
    await refusal(publish('editor', { scopes: [{ name: 'phones', rules: [phone] }] }), 'FORBIDDEN');
  });

  it('lets nobody edit a role that governs them into more, nor lift a deny of it', async () => {
    await refusal(
      publish('editor', {
        roles: [{ ...EDITOR, rules: [...EDITOR.rules, { ...rule(['phone']), id: 'more' }] }],
      }),
      'FORBIDDEN',
    );
    const denied = { ...rule(['name']), id: 'not', effect: 'deny' as const };
    await publish('admin', { roles: [{ ...EDITOR, rules: [...EDITOR.rules, denied] }] });
    await refusal(publish('editor', { roles: [EDITOR] }), 'FORBIDDEN');
  });

  it('gives nothing by the way back either', async () => {
    const before = test.deps.policy.current().version;
    await publish('admin', { roles: [{ name: 'phones', rules: [rule(['id', 'phone'])] }] });
    const wide = test.deps.policy.current().version;
    const back = (role: string, version: number) =>
      rollbackPolicy(test.deps, { version, comment: '' }, accessOf(role), ACTOR, ORIGIN);
    await back('editor', before);
    expect(test.deps.policy.current().roles.has('phones')).to.equal(false);
    await refusal(back('editor', wide), 'FORBIDDEN');
    await back('admin', wide);
    expect(test.deps.policy.current().roles.has('phones')).to.equal(true);
  });

  it('takes no role away that somebody holds or another role inherits', async () => {
    await publish('admin', {
      roles: [{ name: 'held' }, { name: 'base' }, { name: 'heir', inherits: ['base'] }],
    });
    await storeUser(test.deps, { roleAssignments: [{ role: 'held' }] });
    await refusal(publish('admin', { removeRoles: ['held'] }), 'CONFLICT');
    const error = await refusal(publish('admin', { removeRoles: ['base'] }), 'BAD_USER_INPUT');
    expect(error.path).to.deep.equal(['draft', 'removeRoles']);
    await publish('admin', { removeRoles: ['base', 'heir'] });
    expect(test.deps.policy.current().roles.has('base')).to.equal(false);
  });

  it('leaves an administrator who may publish', async () => {
    await publish('admin', { roles: [{ name: 'trap' }] });
    await storeUser(test.deps, { roleAssignments: [{ role: 'admin' }, { role: 'trap' }] });
    const deny = {
      ...rule(['*']),
      effect: 'deny' as const,
      actions: ['publish'],
      subject: 'PolicyVersion',
    };
    const trap = { roles: [{ name: 'trap', rules: [deny] }] };
    await refusal(publish('admin', trap), 'CONFLICT');
    await storeUser(test.deps, { roleAssignments: [{ role: 'admin' }] });
    await publish('admin', trap);
  });
});
