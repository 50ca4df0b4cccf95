import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { MongoClient } from 'mongodb';
import { startEmbeddedEngine } from '../../../src/stores/embedded/engine.js';
import { brokenIndexEntries } from './indexConsistency.js';

const KILLS = 50;
const WRITER = fileURLToPath(new URL('./killWriter.js', import.meta.url));

interface Line {
  _id?: string;
  value?: number | null;
  attempt?: boolean;
  ready?: boolean;
}

/** What a writer has been told before it was killed: the last acknowledged value, or that the next is unknown. */
type Acknowledged = Map<string, number | null | 'either'>;

async function writeUntilKilled(folder: string, round: number, acknowledged: Acknowledged): Promise<void> {
  const child = spawn(process.execPath, [WRITER, folder, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const closed = once(lines, 'close');
  const ready = new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the writer ended by itself')));
    lines.on('line', (text) => {
      const line = JSON.parse(text) as Line;
      if (line.ready) resolve();
      else if (line._id !== undefined)
        acknowledged.set(line._id, line.attempt ? 'either' : (line.value ?? null));
    });
  });
  await ready;
  // Another moment each time, so that the kill meets every phase of a commit.
  await sleep((round * 7) % 60);
  child.kill('SIGKILL');
  await once(child, 'exit').catch(() => undefined);
  await closed;
}

describe('the embedded engine under kill -9', function () {
  this.timeout(120_000);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kill-'));
  });

  after(() => rm(folder, { recursive: true, force: true }));

  it(`loses nothing acknowledged and keeps indexes in step over ${KILLS} kills`, async () => {
    const acknowledged: Acknowledged = new Map();
    for (let round = 0; round < KILLS; round++) {
      await writeUntilKilled(folder, round, acknowledged);
      await verify(folder, acknowledged);
    }
    expect(acknowledged.size).to.be.greaterThan(KILLS);
  });
});

async function verify(folder: string, acknowledged: Acknowledged): Promise<void> {
  const engine = await startEmbeddedEngine(folder);
  try {
    const client = await MongoClient.connect(engine.uri);
    const stored = await client
      .db('kill')
      .collection<{ _id: string; value: number }>('items')
      .find()
      .toArray();
    await client.close();
    const values = new Map(stored.map((item) => [item._id, item.value]));
    for (const [id, value] of acknowledged) {
      if (value === 'either') continue;
      expect(values.get(id) ?? null, `the acknowledged state of ${id}`).to.equal(value);
    }
  } finally {
    await engine.close();
  }
  expect(await brokenIndexEntries(folder)).to.deep.equal([]);
}
