import { expect } from 'chai';
import type { Deps, PolicyDraft } from '../../src/identity/deps.js';
import { createPolicySource, type RunningPolicySource } from '../../src/identity/policySource.js';
import { draftOf } from '../../src/identity/policyVersions.js';
import { BUILT_IN_ROLES } from '../../src/policies/builtInRoles.js';
import type { Policy, RoleDefinition } from '../../src/policies/rule.js';
import { REAL_CATALOG } from '../policies/realCatalog.js';
import { type ConfigInput, createTestDeps, type TestDeps, testConfig } from '../support/deps.js';

const SYSTEM = { kind: 'system' } as const;
const support: RoleDefinition = { name: 'support', description: '', inherits: [], rules: [], builtIn: false };
const withRole =
  (role: RoleDefinition) =>
  (newest: Policy): PolicyDraft => {
    const draft = draftOf(newest);
    return { ...draft, roles: [...draft.roles.filter(({ name }) => name !== role.name), role] };
  };

describe('the policy source', () => {
  let test: TestDeps;
  const opened: RunningPolicySource[] = [];

  const open = async (config?: ConfigInput, over: Partial<Deps> = {}): Promise<RunningPolicySource> => {
    const source = await createPolicySource({
      ...test.deps,
      ...(config && { config: testConfig(config) }),
      ...over,
      catalog: REAL_CATALOG,
    });
    opened.push(source);
    return source;
  };

  beforeEach(async () => {
    test = await createTestDeps();
    // As before the first start: the support has started already.
    await test.deps.models.policyVersions.deleteMany({});
    await test.deps.models.roles.deleteMany({});
  });
  afterEach(async () => {
    for (const source of opened.splice(0)) await source.close();
    await test.close();
  });

  it('publishes the built-in roles and scopes at the first start and nothing at the second', async () => {
    const first = await open();
    expect(first.current().version).to.equal(1);
    expect([...first.current().roles.keys()]).to.include.members([
      'admin',
      'moderator',
      'user',
      'auditor',
      'developer',
    ]);
    expect([...first.current().scopes.keys()]).to.include.members(['openid', 'users:read', 'policy:write']);
    expect((await open()).current().version).to.equal(1);
    expect(await test.deps.models.policyVersions.countDocuments()).to.equal(1);
  });

  it('keeps the collection of roles in step with the policy', async () => {
    const source = await open();
    const admin = await test.deps.models.roles.findById('admin').lean();
    expect(admin?.builtIn).to.equal(true);
    expect(admin?.rules).to.have.length(BUILT_IN_ROLES[0]?.rules.length ?? 0);
    await source.publish(withRole(support), SYSTEM, 'add');
    expect(await test.deps.models.roles.findById('support').lean()).to.include({
      description: '',
      builtIn: false,
    });
    await source.publish(
      (newest) => {
        const draft = draftOf(newest);
        return { ...draft, roles: draft.roles.filter(({ name }) => name !== 'support') };
      },
      SYSTEM,
      'remove',
    );
    expect(await test.deps.models.roles.findById('support').lean()).to.equal(null);
  });

  it('mends a collection of roles that was left behind', async () => {
    await open();
    await test.deps.models.roles.deleteMany({});
    await open();
    expect(await test.deps.models.roles.countDocuments()).to.equal(BUILT_IN_ROLES.length);
  });

  it('reads back from the database what it decides by', async () => {
    const source = await open();
    const again = await open();
    expect([...again.current().roles.values()]).to.deep.equal([...source.current().roles.values()]);
    expect([...again.current().scopes.values()]).to.deep.equal([...source.current().scopes.values()]);
  });

  it('puts configured roles and scopes in place at each start and leaves those that people made', async () => {
    const rule = { id: 'r', actions: ['read'], subject: 'User', fields: ['id'] };
    const first = await open({ roles: [{ name: 'hr', rules: [rule] }] });
    await first.publish(withRole(support), SYSTEM, 'add');
    const second = await open({
      roles: [{ name: 'hr', description: 'People', rules: [rule] }],
      scopes: [{ name: 'names', rules: [rule] }],
    });
    expect(second.current().version).to.equal(3);
    expect(second.current().roles.get('hr')?.description).to.equal('People');
    expect(second.current().roles.has('support')).to.equal(true);
    expect(second.current().scopes.get('names')?.rules).to.have.length(1);
  });

  it('does not start with a configured rule that is wrong, and lists every fault', async () => {
    const rule = { id: 'r', actions: ['read'], subject: 'User', fields: ['id'] };
    const config: ConfigInput = {
      roles: [{ name: 'hr', inherits: ['nobody'], rules: [{ ...rule, fields: ['nmae'] }] }],
      scopes: [{ name: 's', rules: [{ ...rule, conditions: { status: 5 } }] }],
    };
    const error = await open(config).catch((caught: unknown) => caught as Error);
    expect((error as Error).message.split('\n').slice(1)).to.have.members([
      'roles.hr.rules.0.fields.0: unknown field nmae',
      'roles.hr.inherits.0: unknown role nobody',
      'scopes.s.rules.0.conditions.status: the number 5 cannot be compared with a string',
    ]);
    expect(await test.deps.models.policyVersions.countDocuments()).to.equal(0);
  });

  it('does not let the configuration redefine a built-in role', async () => {
    const error = await open({ roles: [{ name: 'admin' }] }).catch((caught: unknown) => caught as Error);
    expect((error as Error).message).to.include('there are two roles admin');
  });

  it('switches every replica within a second, by message', async () => {
    const [here, there] = [await open(), await open()];
    const before = there.current();
    await here.publish(withRole(support), SYSTEM, 'add');
    expect(here.current().version).to.equal(2);
    await until(() => there.current().version === 2);
    // A request that took the old version keeps it whole.
    expect(before.version).to.equal(1);
    expect(before.roles.has('support')).to.equal(false);
  });

  it('switches by poll where the message is lost', async () => {
    const deaf = { ...test.deps.ephemeral, subscribe: async () => async () => {} };
    const [here, there] = [await open(), await open(undefined, { ephemeral: deaf })];
    await here.publish(withRole(support), SYSTEM, 'add');
    await until(() => there.current().version === 2);
  });

  it('decides by the version it has while the database does not answer', async () => {
    const source = await open();
    const { models } = test.deps;
    const broken = {
      ...models,
      policyVersions: {
        findOne: () => {
          throw new Error('gone');
        },
      },
    };
    const other = await open(undefined, { models: broken as never }).catch(
      (error: unknown) => error as Error,
    );
    expect((other as Error).message).to.equal('gone');
    expect(source.current().version).to.equal(1);
  });
});

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 1000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('not within a second');
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}
