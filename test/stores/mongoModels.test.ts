import { expect } from 'chai';
import { buildIndexes, createModels, type Models } from '../../src/models/models.js';
import type { MongoStore } from '../../src/stores/mongo.js';
import { openConfiguredStore } from './configuredStore.js';

const NOW = new Date('2026-03-01T12:00:00Z');

describe('the models on the configured store', function () {
  this.timeout(60_000);
  let store: MongoStore;
  let models: Models;

  before(async () => {
    store = await openConfiguredStore();
    models = createModels(store.connection, () => NOW);
    await buildIndexes(models);
  });

  after(() => store.close());

  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => null,
      (error: unknown) => (error as { code?: number }).code ?? error,
    );
  const user = (_id: string, rest: object = {}) => models.users.create({ _id, attributes: {}, ...rest });

  it('has every declared index, and building them again changes nothing', async () => {
    await buildIndexes(models);
    for (const model of Object.values(models)) {
      const declared = model.schema.indexes().length;
      expect(await model.listIndexes(), model.modelName).to.have.length(declared + 1);
    }
  });

  it('lets any number of users lack an e-mail but none share one', async () => {
    await Promise.all([user('u1'), user('u2'), user('u3', { email: 'A@x.org', emailNormalized: 'a@x.org' })]);
    expect(await codeOf(user('u4', { emailNormalized: 'a@x.org' }))).to.equal(11000);
    expect(await codeOf(user('u3'))).to.equal(11000);
    const moved = models.users.updateOne({ _id: 'u1' }, { $set: { emailNormalized: 'a@x.org' } });
    expect(await codeOf(moved.exec())).to.equal(11000);
    await models.users.updateOne({ _id: 'u3' }, { $unset: { emailNormalized: '' } });
    await models.users.updateOne({ _id: 'u1' }, { $set: { emailNormalized: 'a@x.org' } });
    const found = await models.users.findOne({ emailNormalized: 'a@x.org' }).lean();
    expect(found?._id).to.equal('u1');
    expect(found?.createdAt).to.deep.equal(NOW);
  });

  it('changes state only under its precondition', async () => {
    await user('u5', { status: 'active' });
    const lock = () =>
      models.users
        .findOneAndUpdate(
          { _id: 'u5', status: 'active' },
          { $set: { status: 'locked', lockedAt: NOW } },
          { returnDocument: 'after' },
        )
        .lean();
    const outcomes = await Promise.all(Array.from({ length: 20 }, lock));
    const winners = outcomes.filter((outcome) => outcome !== null);
    expect(winners).to.have.length(1);
    expect(winners[0]?.status).to.equal('locked');
  });

  it('lets one key of a status win, and the next only after the first has left it', async () => {
    const [index] = models.signingKeys.schema.indexes();
    expect(index?.[1]).to.have.property('unique', true);
    const keys = models.signingKeys.collection;
    const fields = Object.keys(index?.[0] ?? {});
    const key = (status: string) =>
      Object.fromEntries(fields.map((field) => [field, field === 'status' ? status : 'x']));
    await keys.insertOne({ _id: 'k1' as never, ...key('current') });
    expect(await codeOf(keys.insertOne({ _id: 'k2' as never, ...key('current') }))).to.equal(11000);
    await keys.updateOne({ _id: 'k1' as never }, { $set: { status: 'retired' } });
    await keys.insertOne({ _id: 'k2' as never, ...key('current') });
    await keys.insertOne({ _id: 'k3' as never, ...key('retired') });
  });

  it('counts failures by upsert', async () => {
    const expiresAt = new Date(NOW.getTime() + 3_600_000);
    for (let i = 0; i < 3; i++) {
      await models.failedAttempts.collection.updateOne(
        { _id: 'someone' as never },
        { $inc: { failures: 1 }, $set: { expiresAt }, $setOnInsert: { first: NOW } },
        { upsert: true },
      );
    }
    const stored = await models.failedAttempts.collection.findOne({ _id: 'someone' as never });
    expect(stored).to.deep.equal({ _id: 'someone', expiresAt, failures: 3, first: NOW });
  });

  it('pages by creation time and finds by role', async () => {
    const role = (name: string) => ({ roleAssignments: [{ role: name }, { role: 'user' }] });
    await Promise.all(['p1', 'p2', 'p3'].map((id) => user(id, role(id === 'p2' ? 'admin' : 'moderator'))));
    const admins = await models.users.find({ 'roleAssignments.role': 'admin' }).lean();
    expect(admins.map((found) => found._id)).to.deep.equal(['p2']);
    const after = { createdAt: NOW, _id: 'p1' };
    const page = await models.users
      .find({
        $or: [
          { createdAt: { $gt: after.createdAt } },
          { createdAt: after.createdAt, _id: { $gt: after._id } },
        ],
      })
      .sort({ createdAt: 1, _id: 1 })
      .limit(2)
      .lean();
    expect(page.map((found) => found._id)).to.deep.equal(['p2', 'p3']);
  });

  it('groups by aggregation', async () => {
    const groups = await models.users.aggregate<{ _id: string; users: number }>([
      { $match: { _id: { $in: ['p1', 'p2', 'p3'] } } },
      { $unwind: '$roleAssignments' },
      { $group: { _id: '$roleAssignments.role', users: { $sum: 1 } } },
      { $sort: { _id: 1 } },
    ]);
    expect(groups).to.deep.equal([
      { _id: 'admin', users: 1 },
      { _id: 'moderator', users: 2 },
      { _id: 'user', users: 3 },
    ]);
  });
});
