import { Double, Int32, Long } from 'bson';
import { expect } from 'chai';
import { type Db, type Document, MongoClient, MongoServerError } from 'mongodb';
import { startTestEngine, type TestEngine } from './testEngine.js';

interface Item extends Document {
  _id: number;
}

describe('the unmodified driver on the embedded engine', () => {
  let engine: TestEngine;
  let client: MongoClient;
  let db: Db;
  let now = new Date('2026-01-01T00:00:00Z');

  before(async () => {
    engine = await startTestEngine({ now: () => now, ttlSweepSeconds: 0.05 });
    client = await MongoClient.connect(engine.uri);
    db = client.db('driver');
  });

  after(async () => {
    await client.close();
    await engine.close();
  });

  const refusal = async (work: Promise<unknown>): Promise<MongoServerError> => {
    const error = await work.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(MongoServerError);
    return error as MongoServerError;
  };

  it('reads a long result in batches, sees later batches and forgets a closed cursor', async () => {
    const items = db.collection<Item>('batches');
    await items.insertMany(Array.from({ length: 1000 }, (_, i) => ({ _id: i, tag: i % 7 })));
    const all = await items.find().sort({ _id: -1 }).batchSize(64).toArray();
    expect(all.map((item) => item._id)).to.deep.equal(Array.from({ length: 1000 }, (_, i) => 999 - i));
    const cursor = items.find().batchSize(10);
    await cursor.next();
    const { id } = cursor;
    await cursor.close();
    const error = await refusal(db.command({ getMore: id, collection: 'batches' }));
    expect(error.code).to.equal(43);
  });

  it('keeps int, long and double apart', async () => {
    const items = db.collection<Item>('types');
    await items.insertOne({ _id: 1, int: new Int32(5), long: Long.fromNumber(5), double: new Double(5) });
    await items.updateOne({ _id: 1 }, { $inc: { int: 1, long: 1, double: 1 }, $set: { other: 'x' } });
    const stored = await items.findOne({ _id: 1 }, { promoteValues: false });
    expect(stored).to.deep.include({ int: new Int32(6), long: Long.fromNumber(6), double: new Double(6) });
    expect(
      await items.countDocuments({
        int: { $type: 'int' },
        long: { $type: 'long' },
        double: { $type: 'double' },
      }),
    ).to.equal(1);
  });

  it('answers a duplicate key as the server does, and goes on when unordered', async () => {
    const items = db.collection<Item>('duplicates');
    await items.createIndex({ tenant: 1, email: 1 }, { unique: true });
    const documents = [
      { _id: 1, tenant: 't', email: 'a' },
      { _id: 2, tenant: 't', email: 'a' },
      { _id: 3, tenant: 't', email: 'b' },
    ];
    const error = await refusal(items.insertMany(documents, { ordered: false }));
    expect(error.code).to.equal(11000);
    expect(error.message).to.match(
      /^E11000 duplicate key error collection: driver.duplicates index: tenant_1_email_1 dup key: \{ tenant: "t", email: "a" \}/,
    );
    expect(await items.countDocuments()).to.equal(2);
    const single = await refusal(items.insertOne({ _id: 4, tenant: 't', email: 'b' }));
    expect(single['keyPattern']).to.deep.equal({ tenant: 1, email: 1 });
    expect(single['keyValue']).to.deep.equal({ tenant: 't', email: 'b' });
  });

  it('names what it does not know', async () => {
    const items = db.collection<Item>('unknown');
    await items.insertOne({ _id: 1, a: [1] });
    const cases: [() => Promise<unknown>, number, RegExp][] = [
      [() => db.command({ noSuchThing: 1 }), 59, /noSuchThing/],
      [() => db.command({ find: 'unknown', surprise: 1 }), 40415, /surprise/],
      [() => items.find({ a: { $almost: 1 } }).toArray(), 2, /\$almost/],
      [() => items.find({ $where: 'true' }).toArray(), 238, /\$where/],
      [() => items.updateOne({ _id: 1 }, { $frobnicate: { a: 1 } }), 9, /\$frobnicate/],
      [() => items.aggregate([{ $teleport: {} }]).toArray(), 40324, /\$teleport/],
      [() => items.aggregate([{ $out: 'x' }]).toArray(), 238, /\$out/],
      [() => items.aggregate([{ $project: { x: { $mystery: 1 } } }]).toArray(), 168, /\$mystery/],
      [
        () => items.aggregate([{ $group: { _id: null, x: { $stdDevPop: '$a' } } }]).toArray(),
        238,
        /\$stdDevPop/,
      ],
      [() => items.find().collation({ locale: 'de' }).toArray(), 238, /collation/],
      [() => items.createIndex({ a: 'text' }), 238, /text/],
      [() => items.createIndex({ a: 1 }, { collation: { locale: 'en' } }), 238, /collation/],
    ];
    for (const [work, code, message] of cases) {
      const error = await refusal(work());
      expect(error.code, error.message).to.equal(code);
      expect(error.message).to.match(message);
    }
  });

  it('changes no _id, and refuses documents over 16 MiB', async () => {
    const items = db.collection<Item>('limits');
    await items.insertOne({ _id: 1, a: 1 });
    expect((await refusal(items.updateOne({ _id: 1 }, { $set: { _id: 2 } }))).code).to.equal(66);
    await items.updateOne({ _id: 1 }, { $set: { big: 'x'.repeat(9_000_000) } });
    const grow = items.updateOne({ _id: 1 }, [{ $set: { again: '$big' } }]);
    expect((await refusal(grow)).code).to.equal(10334);
    expect(await items.findOne({ _id: 1 }, { projection: { a: 1 } })).to.deep.equal({ _id: 1, a: 1 });
  });

  it('updates array elements by position, by filter and all at once', async () => {
    const items = db.collection<Item>('arrays');
    await items.insertOne({
      _id: 1,
      list: [
        { k: 'a', n: 1 },
        { k: 'b', n: 2 },
        { k: 'c', n: 3 },
      ],
    });
    await items.updateOne({ _id: 1, 'list.k': 'b' }, { $set: { 'list.$.n': 20 } });
    await items.updateOne(
      { _id: 1 },
      { $inc: { 'list.$[high].n': 100 } },
      { arrayFilters: [{ 'high.n': { $gte: 3 } }] },
    );
    await items.updateOne({ _id: 1 }, { $set: { 'list.$[].seen': true } });
    expect((await items.findOne({ _id: 1 }))?.['list']).to.deep.equal([
      { k: 'a', n: 1, seen: true },
      { k: 'b', n: 120, seen: true },
      { k: 'c', n: 103, seen: true },
    ]);
    const shown = await items.findOne({ _id: 1, 'list.k': 'c' }, { projection: { 'list.$': 1 } });
    expect(shown?.['list']).to.deep.equal([{ k: 'c', n: 103, seen: true }]);
  });

  it('joins, groups and counts by aggregation', async () => {
    const [users, roles] = [db.collection<Item>('people'), db.collection<Item>('jobs')];
    await roles.insertMany([
      { _id: 1, title: 'admin' },
      { _id: 2, title: 'user' },
    ]);
    await users.insertMany([{ _id: 1, roles: [1, 2] }, { _id: 2, roles: [2] }, { _id: 3 }]);
    const joined = await users
      .aggregate([
        { $lookup: { from: 'jobs', localField: 'roles', foreignField: '_id', as: 'job' } },
        { $unwind: '$job' },
        { $group: { _id: '$job.title', n: { $sum: 1 }, who: { $push: '$_id' } } },
        { $sort: { _id: 1 } },
      ])
      .toArray();
    expect(joined).to.deep.equal([
      { _id: 'admin', n: 1, who: [1] },
      { _id: 'user', n: 2, who: [1, 2] },
    ]);
    const [facets] = await users
      .aggregate([{ $facet: { all: [{ $count: 'n' }], first: [{ $limit: 1 }, { $project: { _id: 1 } }] } }])
      .toArray();
    expect(facets).to.deep.equal({ all: [{ n: 3 }], first: [{ _id: 1 }] });
    const withLet = await users
      .aggregate([
        { $match: { _id: 1 } },
        {
          $lookup: {
            from: 'jobs',
            let: { mine: '$roles' },
            pipeline: [{ $match: { $expr: { $in: ['$_id', '$$mine'] } } }],
            as: 'jobs',
          },
        },
      ])
      .toArray();
    expect(withLet[0]?.['jobs']).to.have.length(2);
  });

  it('removes expired documents by itself', async () => {
    const items = db.collection<Item>('expiring');
    await items.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 60 });
    await items.insertMany([
      { _id: 1, expiresAt: new Date(now.getTime() - 61_000) },
      { _id: 2, expiresAt: now },
      { _id: 3, expiresAt: 'never' },
    ]);
    const left = async () => (await items.find().sort({ _id: 1 }).toArray()).map((item) => item._id);
    const until = async (ids: number[]) => {
      const deadline = Date.now() + 5000;
      while (JSON.stringify(await left()) !== JSON.stringify(ids) && Date.now() < deadline);
      expect(await left()).to.deep.equal(ids);
    };
    await until([2, 3]);
    now = new Date(now.getTime() + 61_000);
    await until([3]);
  });

  it('accepts sessions and refuses transactions', async () => {
    const session = client.startSession();
    await db.collection<Item>('sessions').insertOne({ _id: 1 }, { session });
    await session.endSession();
    const withTransaction = client.withSession((own) =>
      own.withTransaction(() => db.collection<Item>('sessions').insertOne({ _id: 2 }, { session: own })),
    );
    const error = await withTransaction.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(String(error)).to.match(/does not support|Transaction numbers are only allowed/);
    expect(await db.collection<Item>('sessions').countDocuments({ _id: 2 })).to.equal(0);
  });

  it('sorts an empty array before null and null before numbers', async () => {
    const items = db.collection<Item>('order');
    await items.insertMany([
      { _id: 1, a: 1 },
      { _id: 2 },
      { _id: 3, a: [] },
      { _id: 4, a: 'x' },
      { _id: 5, a: null },
    ]);
    const order = async () => (await items.find().sort({ a: 1, _id: 1 }).toArray()).map((item) => item._id);
    expect(await order()).to.deep.equal([3, 2, 5, 1, 4]);
    await items.createIndex({ a: 1, _id: 1 });
    expect(await order()).to.deep.equal([3, 2, 5, 1, 4]);
  });

  it('indexes values that are longer than a key of the storage', async () => {
    const items = db.collection<Item>('long');
    await items.createIndex({ text: 1 }, { unique: true });
    const text = (end: string) => 'x'.repeat(5000) + end;
    await items.insertMany(['c', 'a', 'b'].map((end, _id) => ({ _id, text: text(end) })));
    expect((await refusal(items.insertOne({ _id: 9, text: text('a') }))).code).to.equal(11000);
    expect(await items.findOne({ text: text('b') }, { projection: { text: 0 } })).to.deep.equal({ _id: 2 });
    expect(await items.countDocuments({ text: { $gt: text('a') } })).to.equal(2);
    const ordered = await items
      .find({ text: { $gte: 'x' } })
      .sort({ text: 1 })
      .toArray();
    expect(ordered.map((item) => item._id)).to.deep.equal([1, 2, 0]);
    await items.deleteOne({ text: text('a') });
    await items.insertOne({ _id: 9, text: text('a') });
  });

  it('makes no document of a filter that names a field twice', async () => {
    const items = db.collection('twice');
    for (const filter of [
      { _id: 1, a: 1, $and: [{ a: 1 }] },
      { _id: 1, a: { b: 1 }, 'a.c': 2 },
      { _id: 1, 'a.c': 2, a: { b: 1 } },
    ] as Document[]) {
      const error = await refusal(items.updateOne(filter, { $set: { n: 1 } }, { upsert: true }));
      expect(error.code, JSON.stringify(filter)).to.equal(54);
    }
    expect(await items.countDocuments()).to.equal(0);
  });

  it('keeps the id of a document that a pipeline replaces', async () => {
    const items = db.collection<Item>('replaced');
    await items.insertOne({ _id: 1, a: 1 });
    await items.updateOne({ _id: 1 }, [{ $replaceWith: { b: '$a' } }]);
    expect(await items.find().toArray()).to.deep.equal([{ _id: 1, b: 1 }]);
  });
});
