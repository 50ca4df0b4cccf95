import { expect } from 'chai';
import * as fc from 'fast-check';
import { type Collection, type Document, type Filter, MongoClient, type Sort } from 'mongodb';
import { startTestEngine, type TestEngine } from './testEngine.js';

interface User extends Document {
  _id: string;
  createdAt: Date;
  owner: string;
}

const COUNT = 2000;
const at = (i: number) => new Date(Math.floor(i / 3) * 1000);
const idOf = (i: number) => `u${String(i).padStart(5, '0')}`;

describe('the planner of the embedded engine', () => {
  let engine: TestEngine;
  let client: MongoClient;
  let users: Collection<User>;

  before(async () => {
    engine = await startTestEngine();
    client = await MongoClient.connect(engine.uri);
    users = client.db('plans').collection<User>('users');
    await users.createIndex(
      { email: 1 },
      { unique: true, partialFilterExpression: { email: { $type: 'string' } } },
    );
    await users.createIndex({ createdAt: 1, _id: 1 });
    await users.createIndex({ 'roles.name': 1, _id: 1 });
    await users.createIndex({ phone: 1 }, { sparse: true });
    await users.insertMany(
      Array.from({ length: COUNT }, (_, i) => ({
        _id: idOf(i),
        createdAt: at(i),
        owner: `o${i % 2}`,
        ...(i % 2 ? { email: `u${i}@example.org` } : {}),
        ...(i % 5 ? {} : { phone: `+49${i}` }),
        roles: i % 100 ? [{ name: 'user' }] : [{ name: 'user' }, { name: 'admin' }],
      })),
    );
  });

  after(async () => {
    await client.close();
    await engine.close();
  });

  interface Explained {
    index: string | null;
    sorts: boolean;
    docs: number;
    found: number;
  }

  async function explain(filter: Filter<User>, sort: Sort = {}, limit = 0): Promise<Explained> {
    const plan = await users.find(filter).sort(sort).limit(limit).explain('executionStats');
    const text = JSON.stringify(plan['queryPlanner']);
    const { totalDocsExamined, nReturned } = plan['executionStats'] as Record<string, number>;
    return {
      index: /"indexName":"([^"]+)"/.exec(text)?.[1] ?? null,
      sorts: text.includes('"SORT"'),
      docs: Number(totalDocsExamined),
      found: Number(nReturned),
    };
  }

  it('finds by an indexed field without reading anything else', async () => {
    expect(await explain({ email: 'u7@example.org' })).to.deep.equal({
      index: 'email_1',
      sorts: false,
      docs: 1,
      found: 1,
    });
    expect(await explain({ _id: idOf(9) })).to.deep.equal({ index: '_id_', sorts: false, docs: 1, found: 1 });
    expect(await explain({ email: { $in: ['u7@example.org', 'u9@example.org', 'none'] } })).to.deep.include({
      index: 'email_1',
      docs: 2,
    });
    expect(await explain({ 'roles.name': 'admin' })).to.deep.include({
      index: 'roles.name_1__id_1',
      docs: 20,
      found: 20,
    });
    expect(await explain({ roles: { $elemMatch: { name: 'admin' } } })).to.deep.include({
      docs: 20,
      found: 20,
    });
    expect(await explain({ _id: { $regex: '^u0007' } })).to.deep.include({
      index: '_id_',
      docs: 10,
      found: 10,
    });
  });

  it('pages by a keyset in index order and stops at the limit', async () => {
    const after = { createdAt: at(900), _id: idOf(900) };
    const page = {
      $or: [{ createdAt: { $gt: after.createdAt } }, { createdAt: after.createdAt, _id: { $gt: after._id } }],
    };
    const order: Sort = { createdAt: 1, _id: 1 };
    expect(await explain(page, order, 20)).to.deep.equal({
      index: 'createdAt_1__id_1',
      sorts: false,
      docs: 20,
      found: 20,
    });
    const guarded = await explain({ $and: [page, { owner: 'o1' }] }, order, 20);
    expect(guarded).to.deep.include({ index: 'createdAt_1__id_1', sorts: false, found: 20 });
    expect(guarded.docs).to.be.at.most(41);
    const back = {
      $or: [{ createdAt: { $lt: after.createdAt } }, { createdAt: after.createdAt, _id: { $lt: after._id } }],
    };
    expect(await explain(back, { createdAt: -1, _id: -1 }, 20)).to.deep.equal({
      index: 'createdAt_1__id_1',
      sorts: false,
      docs: 20,
      found: 20,
    });
    const ids = (await users.find(back).sort({ createdAt: -1, _id: -1 }).limit(3).toArray()).map(
      (user) => user._id,
    );
    expect(ids).to.deep.equal([899, 898, 897].map(idOf));
  });

  it('takes a partial or sparse index only when the filter implies it', async () => {
    for (const filter of [
      { email: null },
      { email: { $ne: 'x' } },
      { email: { $exists: false } },
      {},
    ] as Filter<User>[]) {
      expect((await explain(filter, { email: 1 })).index, JSON.stringify(filter)).to.equal(null);
    }
    expect((await explain({ phone: { $exists: false } })).index).to.equal(null);
    expect((await explain({ phone: '+490' })).index).to.equal('phone_1');
    expect(await users.countDocuments({ phone: null })).to.equal(COUNT - COUNT / 5);
  });

  it('finds arrays inside of arrays through an index, too', async () => {
    const items = client.db('plans').collection<{ _id: number; a: unknown }>('inside');
    await items.createIndexes([{ key: { a: 1 } }, { key: { 'a.0': 1 } }]);
    await items.insertMany([
      { _id: 1, a: [[1, 2], 3] },
      { _id: 2, a: [3, [1]] },
      { _id: 3, a: [1] },
      { _id: 4, a: [[{ b: 1 }]] },
    ]);
    const ids = async (a: Document) =>
      (await items.find({ a }).sort({ _id: 1 }).toArray()).map(({ _id }) => _id);
    expect(await ids({ $elemMatch: { $elemMatch: { $eq: 1 } } })).to.deep.equal([1, 2]);
    expect(await ids({ $elemMatch: { 0: 1 } })).to.deep.equal([1, 2]);
    // An array is a document here, with its positions as names: it has no field b.
    expect(await ids({ $elemMatch: { b: 1 } })).to.deep.equal([]);
    expect(await ids({ $elemMatch: { b: null } })).to.deep.equal([1, 2, 4]);
  });

  it('finds the same through any index as through none', async () => {
    const key = fc.constantFrom('a', 'b', 'a.x', 'n');
    const small = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom('p', 'q', null, true));
    const value = fc.oneof(
      small,
      fc.array(small, { maxLength: 2 }),
      fc.record({ x: small }),
      fc.array(fc.record({ x: small }), { maxLength: 2 }),
    );
    const document = fc.record({ a: value, b: value, n: small }, { requiredKeys: [] });
    const test = fc.oneof(
      small,
      fc.record({ $gt: small }),
      fc.record({ $gte: small, $lt: small }),
      fc.record({ $in: fc.array(small, { maxLength: 3 }) }),
      fc.constantFrom({ $exists: true }, { $exists: false }, { $type: 'string' }, { $type: 'number' }),
      fc.record({ $elemMatch: fc.record({ x: small }) }),
      fc.record({ $elemMatch: fc.record({ $gte: small }) }),
    );
    const condition = fc.tuple(key, test).map(([name, operand]): Document => ({ [name]: operand }));
    const filter = fc.oneof(
      condition,
      fc.array(condition, { minLength: 2, maxLength: 3 }).map(($and): Document => ({ $and })),
      fc.array(condition, { minLength: 2, maxLength: 3 }).map(($or): Document => ({ $or })),
      fc
        .tuple(condition, condition, condition)
        .map(([one, two, three]): Document => ({ $and: [one, { $or: [two, three] }] })),
    );
    const direction = fc.constantFrom(1, -1);
    const index = fc.tuple(
      fc.uniqueArray(key, { minLength: 1, maxLength: 2 }),
      direction,
      direction,
      fc.constantFrom('', 'sparse', 'partial'),
    );
    const sort = fc.tuple(key, direction);
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(document, { maxLength: 12 }),
        fc.array(index, { minLength: 1, maxLength: 3 }),
        fc.array(filter, { minLength: 3, maxLength: 6 }),
        sort,
        async (documents, indexes, filters, [field, order]) => {
          const items = client.db('plans').collection(`random${run++}`);
          const stored = documents.map((entry, i) => ({ _id: i as never, ...entry }));
          if (stored.length > 0) await items.insertMany(stored);
          for (const [i, [names, first, second, kind]] of indexes.entries()) {
            // What a document's arrays do not allow as an index is refused alike before and after.
            await items
              .createIndex(Object.fromEntries(names.map((name, at) => [name, at ? second : first])), {
                name: `i${i}`,
                ...(kind === 'sparse' ? { sparse: true } : {}),
                ...(kind === 'partial'
                  ? { partialFilterExpression: { [names[0] as string]: { $exists: true } } }
                  : {}),
              })
              .catch(() => undefined);
          }
          for (const query of filters) {
            const ordered = { [field]: order, _id: 1 } as Sort;
            const byPlan = await items.find(query).sort(ordered).toArray();
            const byScan = await items.find(query).sort(ordered).hint({ $natural: 1 }).toArray();
            expect(byPlan, JSON.stringify(query)).to.deep.equal(byScan);
          }
          await items.drop();
        },
      ),
      { numRuns: 150 },
    );
  });
});
