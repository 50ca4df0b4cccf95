import { expect } from 'chai';
import { type Collection, type Document, MongoClient } from 'mongodb';
import { processorTimeOf } from '../../support/processorTime.js';
import { startTestEngine, type TestEngine } from './testEngine.js';

const LOOKUPS = 100;
const ROUNDS = 15;

describe('the embedded engine with 100,000 users', function () {
  this.timeout(60_000);
  let engine: TestEngine;
  let client: MongoClient;

  before(async () => {
    engine = await startTestEngine();
    client = await MongoClient.connect(engine.uri);
  });

  after(async () => {
    await client.close();
    await engine.close();
  });

  async function fill(name: string, count: number): Promise<Collection> {
    const users = client.db('scale').collection(name);
    const partialFilterExpression = { email: { $type: 'string' } };
    await users.createIndex({ email: 1 }, { unique: true, partialFilterExpression });
    for (let from = 0; from < count; from += 2000) {
      const batch = Math.min(2000, count - from);
      await users.insertMany(
        Array.from({ length: batch }, (_, i): Document => ({ email: `u${from + i}@example.org` })),
      );
    }
    return users;
  }

  /** What one round costs, engine and driver together. */
  async function round(users: Collection, count: number): Promise<number> {
    const { milliseconds } = await processorTimeOf(async () => {
      for (let i = 0; i < LOOKUPS; i++) {
        expect(await users.findOne({ email: `u${(i * 7919) % count}@example.org` })).to.not.equal(null);
      }
    });
    return milliseconds;
  }

  it('finds one by e-mail in at most twice the time that it takes among 1,000', async () => {
    const [few, many] = [await fill('few', 1000), await fill('many', 100_000)];
    const [before, after]: [number[], number[]] = [[], []];
    for (let i = 0; i < ROUNDS; i++) {
      before.push(await round(few, 1000));
      after.push(await round(many, 100_000));
    }
    expect(Math.min(...after) / Math.min(...before)).to.be.at.most(2);
    expect(await many.estimatedDocumentCount()).to.equal(100_000);
  });
});
