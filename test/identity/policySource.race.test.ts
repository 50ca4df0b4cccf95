import { expect } from 'chai';
import { createPolicySource, type RunningPolicySource } from '../../src/identity/policySource.js';
import { draftOf } from '../../src/identity/policyVersions.js';
import { BUILT_IN_ROLES } from '../../src/policies/builtInRoles.js';
import { REAL_CATALOG } from '../policies/realCatalog.js';
import { createTestDeps, type TestDeps } from '../support/deps.js';

const SYSTEM = { kind: 'system' } as const;

describe('publishing a policy at the same time', () => {
  let test: TestDeps;
  const sources: RunningPolicySource[] = [];

  beforeEach(async () => {
    test = await createTestDeps();
    // As before the first start: the support has started already.
    await test.deps.models.policyVersions.deleteMany({});
    await test.deps.models.roles.deleteMany({});
  });
  afterEach(async () => {
    for (const source of sources.splice(0)) await source.close();
    await test.close();
  });

  const open = async () => {
    const source = await createPolicySource({ ...test.deps, catalog: REAL_CATALOG });
    sources.push(source);
    return source;
  };

  it('seeds once, however many replicas start', async () => {
    await Promise.all(Array.from({ length: 8 }, open));
    expect(sources.map((source) => source.current().roles.size)).to.deep.equal(
      Array.from({ length: 8 }, () => BUILT_IN_ROLES.length),
    );
    const [first] = sources;
    await first?.publish((newest) => draftOf(newest), SYSTEM, 'the same');
    expect(await test.deps.models.roles.countDocuments()).to.equal(BUILT_IN_ROLES.length);
  });

  it('loses no change and gives every version one state', async () => {
    const [left, right] = [await open(), await open()];
    const names = Array.from({ length: 10 }, (_, index) => `role${index}`);
    await Promise.all(
      names.map((name, index) =>
        (index % 2 === 0 ? left : right).publish(
          (newest) => {
            const draft = draftOf(newest);
            const role = { name, description: '', inherits: [], rules: [], builtIn: false };
            return { ...draft, roles: [...draft.roles, role] };
          },
          SYSTEM,
          name,
        ),
      ),
    );
    await Promise.all([left, right].map((replica) => replica.reload()));
    for (const replica of [left, right]) {
      expect(replica.current().version).to.equal(11);
      expect([...replica.current().roles.keys()]).to.include.members(names);
    }
    expect(await test.deps.models.policyVersions.countDocuments()).to.equal(11);
    expect(await test.deps.models.roles.countDocuments()).to.equal(BUILT_IN_ROLES.length + 10);
  });
});
