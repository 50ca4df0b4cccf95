import { expect } from 'chai';
import { readTogether } from '../../src/models/readTogether.js';
import { createTestDeps, storeUser, type TestDeps } from '../support/deps.js';

describe('documents read together', () => {
  let test: TestDeps;
  let queries: string[];

  beforeEach(async () => {
    test = await createTestDeps();
    queries = [];
    test.deps.models.users.db.set('debug', (collection: string, method: string) => {
      if (collection === 'users') queries.push(method);
    });
  });
  afterEach(() => test.close());

  it('are one query for all that one turn of the event loop asks for, each answered with its own', async () => {
    const { users } = test.deps.models;
    const [ann, bob] = [await storeUser(test.deps), await storeUser(test.deps)];
    queries = [];
    const ids = [bob._id, 'nobody', ann._id, bob._id];
    const found = await Promise.all(ids.map((id) => readTogether(users, id)));
    expect(found.map((user) => user?._id)).to.deep.equal([bob._id, undefined, ann._id, bob._id]);
    expect(queries).to.deep.equal(['find']);
  });

  it('are as stored after the call: nothing is remembered', async () => {
    const { users } = test.deps.models;
    const { _id } = await storeUser(test.deps);
    expect((await readTogether(users, _id))?.status).to.equal('active');
    await users.updateOne({ _id }, { $set: { status: 'disabled' } });
    expect((await readTogether(users, _id))?.status).to.equal('disabled');
    await users.deleteOne({ _id });
    expect(await readTogether(users, _id)).to.equal(null);
  });

  it('are what a lean query of mongoose answers, without what the schema hides unless it is selected', async () => {
    const { users } = test.deps.models;
    const { _id } = await storeUser(test.deps, { passwordHash: 'a hash', nickname: 'Bob' });
    const plain = await readTogether(users, _id);
    expect(plain).to.deep.equal(await users.findOne({ _id }).lean());
    expect(plain).to.include({ nickname: 'Bob' }).and.not.to.have.property('passwordHash');
    const whole = await readTogether(users, _id, '+passwordHash');
    expect(whole).to.deep.equal(await users.findOne({ _id }).select('+passwordHash').lean());
    expect(whole).to.have.property('passwordHash', 'a hash');
  });

  it('take no id for an operator', async () => {
    const { users } = test.deps.models;
    await storeUser(test.deps);
    const outcome = await readTogether(users, { $gt: '' } as unknown as string).catch(
      (error: Error) => error,
    );
    expect(outcome).to.be.an('error');
  });

  it('fail for everybody who asked in a turn whose query fails, and not for those after', async () => {
    const { users } = test.deps.models;
    const { _id } = await storeUser(test.deps);
    const wrong = readTogether(users, { $gt: '' } as unknown as string);
    const beside = readTogether(users, _id);
    const outcomes = await Promise.allSettled([wrong, beside]);
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    expect((await readTogether(users, _id))?._id).to.equal(_id);
  });
});
