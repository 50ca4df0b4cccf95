import { expect } from 'chai';
import { MongoClient, MongoServerError } from 'mongodb';
import { startTestEngine, type TestEngine } from './testEngine.js';

interface Code {
  _id: string;
  usedBy: number | null;
}

describe('statements that race on the embedded engine', () => {
  let engine: TestEngine;
  let client: MongoClient;

  before(async () => {
    engine = await startTestEngine();
    client = await MongoClient.connect(engine.uri, { maxPoolSize: 50 });
  });

  after(async () => {
    await client.close();
    await engine.close();
  });

  it('lets one of 200 conditional findOneAndUpdate win', async () => {
    const codes = client.db('race').collection<Code>('codes');
    await codes.insertOne({ _id: 'code', usedBy: null });
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        codes.findOneAndUpdate(
          { _id: 'code', usedBy: null },
          { $set: { usedBy: i } },
          { returnDocument: 'after' },
        ),
      ),
    );
    const winners = outcomes.filter((outcome) => outcome !== null);
    expect(winners).to.have.length(1);
    expect(await codes.findOne({ _id: 'code' })).to.deep.equal(winners[0]);
  });

  it('lets one of 100 inserts of a unique key win', async () => {
    const users = client.db('race').collection('users');
    await users.createIndex({ email: 1 }, { unique: true });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, (_, i) => users.insertOne({ email: 'a@example.org', i })),
    );
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).to.have.length(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') continue;
      expect(outcome.reason).to.be.instanceOf(MongoServerError);
      expect((outcome.reason as MongoServerError).code).to.equal(11000);
    }
    expect(await users.countDocuments({ email: 'a@example.org' })).to.equal(1);
  });

  it('adds up 300 increments from 50 connections', async () => {
    const counters = client.db('race').collection<{ _id: string; n: number }>('counters');
    await Promise.all(
      Array.from({ length: 300 }, () =>
        counters.updateOne({ _id: 'c' }, { $inc: { n: 1 } }, { upsert: true }),
      ),
    );
    expect(await counters.findOne({ _id: 'c' })).to.deep.equal({ _id: 'c', n: 300 });
  });
});
