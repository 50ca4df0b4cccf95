import { expect } from 'chai';
import { type Collection, type Document, MongoClient } from 'mongodb';
import { startTestEngine, type TestEngine } from './testEngine.js';

const LOOKUPS = 300;
const ROUNDS = 5;

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

  async function fastestRound(users: Collection, count: number): Promise<number> {
    const rounds: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const started = performance.now();
      for (let i = 0; i < LOOKUPS; i++) {
        expect(await users.findOne({ email: `u${(i * 7919) % count}@example.org` })).to.not.equal(null);
      }
      rounds.push(performance.now() - started);
    }
    return Math.min(...rounds);
  }

  it('finds one by e-mail in at most twice the time that it takes among 1,000', async () => {
    const [few, many] = [await fill('few', 1000), await fill('many', 100_000)];
    await fastestRound(few, 1000);
    const [before, after] = [await fastestRound(few, 1000), await fastestRound(many, 100_000)];
    expect(after / before).to.be.at.most(2);
    expect(await many.estimatedDocumentCount()).to.equal(100_000);
  });
});
