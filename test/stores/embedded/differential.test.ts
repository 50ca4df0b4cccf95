import { randomBytes } from 'node:crypto';
import { EJSON } from 'bson';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { type Db, MongoClient, MongoServerError } from 'mongodb';
import { realMongoUri } from '../../support/realMongo.js';
import { command } from './commandArbitrary.js';
import { excluded, isBooleanArithmetic, mayDivergeAfter, withoutQuirks } from './differentialExclusions.js';
import { EXPRESSIONS, SUBJECT } from './expressionCases.js';
import { startTestEngine, type TestEngine } from './testEngine.js';

type Json = Record<string, unknown>;

const RUNS = Number(process.env['DIFFERENTIAL_RUNS'] ?? 60);
const SEED = Number(process.env['DIFFERENTIAL_SEED'] ?? 20_261_121);

/** What a reply says, without what may differ: texts of errors, sessions, ids of cursors. */
function outcomeOf(reply: Json): unknown {
  const { cursor, n, nModified, upserted, value, values, writeErrors, lastErrorObject } = reply;
  const errors = (writeErrors as Json[] | undefined)?.map(({ index, code, keyPattern, keyValue }) => ({
    index,
    code,
    keyPattern,
    keyValue,
  }));
  const batch = (cursor as { firstBatch?: unknown } | undefined)?.firstBatch;
  const counts = { n, nModified, upserted, lastErrorObject };
  return { ...counts, batch, value, values, errors };
}

async function run(
  db: Db,
  request: Json,
  relaxed = false,
): Promise<{ outcome: string; reply: Json; code?: unknown }> {
  try {
    const reply = await db.command(request, { promoteValues: false });
    return { outcome: EJSON.stringify(outcomeOf(withoutQuirks(request, reply)), { relaxed }), reply };
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    return { outcome: `refused with ${error.code}`, reply: {}, code: error.code };
  }
}

// Not relaxed: the wire types of numbers are part of the answer.
const show = (value: unknown) => EJSON.stringify(value, { relaxed: false });

async function contents(db: Db): Promise<string> {
  return show(await db.collection('c').find({}, { promoteValues: false }).sort({ _id: 1 }).toArray());
}

describe('the embedded engine beside a real server', function () {
  this.timeout(240_000);
  let engine: TestEngine;
  let embedded: MongoClient;
  let real: MongoClient;

  before(async function () {
    const uri = realMongoUri(this);
    engine = await startTestEngine();
    embedded = await MongoClient.connect(engine.uri);
    real = await MongoClient.connect(uri);
  });

  after(async () => {
    await embedded?.close();
    await real?.close();
    await engine?.close();
  });

  it('gives the same replies to random sequences of commands', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 4, maxLength: 25 }), async (commands) => {
        const name = `diff_${randomBytes(5).toString('hex')}`;
        const [mine, theirs] = [embedded.db(name), real.db(name)];
        await Promise.all([mine.createCollection('c'), theirs.createCollection('c')]);
        try {
          for (const request of commands) {
            if (excluded(request)) continue;
            const [here, there] = await Promise.all([run(mine, request), run(theirs, request)]);
            if (isBooleanArithmetic(request, here.reply, here.code)) return;
            expect(here.outcome, EJSON.stringify(request)).to.equal(there.outcome);
            if (mayDivergeAfter(request, here.reply)) return;
          }
          expect(await contents(mine)).to.equal(await contents(theirs));
        } finally {
          await Promise.all([mine.dropDatabase(), theirs.dropDatabase()]);
        }
      }),
      { numRuns: RUNS, seed: SEED, endOnFailure: process.env['DIFFERENTIAL_SHRINK'] !== '1' },
    );
  });

  it('evaluates expressions to the same values', async () => {
    const name = `diff_${randomBytes(5).toString('hex')}`;
    const values = async (db: Db) => {
      await db.collection('c').insertOne({ ...SUBJECT });
      const results: string[] = [];
      for (const expression of EXPRESSIONS) {
        const request = { aggregate: 'c', pipeline: [{ $project: { _id: 0, r: expression } }], cursor: {} };
        const { outcome } = await run(db, request, true);
        results.push(`${EJSON.stringify(expression)} is ${outcome.replace(/refused with \d+/, 'refused')}`);
      }
      await db.dropDatabase();
      return results;
    };
    expect(await values(embedded.db(name))).to.deep.equal(await values(real.db(name)));
  });
});
