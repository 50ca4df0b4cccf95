import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { build } from 'esbuild';
import { type Collection, MongoClient } from 'mongodb';
import { brokenIndexEntries } from './indexConsistency.js';

const KILLS = 50;
const WRITERS = [0, 1, 2, 3];

interface Item {
  readonly _id: string;
  readonly value: number;
  readonly tag: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly client: MongoClient;
  readonly items: Collection<Item>;
}

/** What the engine has acknowledged: the last value of an item, null when it is gone; or that a change was under way. */
type Acknowledged = Map<string, number | null | 'either'>;

describe('the embedded engine under kill -9', function () {
  this.timeout(120_000);
  let folder: string;
  let program: string;
  let running: ChildProcessByStdio<null, Readable, null> | undefined;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kill-'));
    program = join(folder, 'engine.mjs');
    await bundleEngine(program);
  });
  after(async () => {
    running?.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  it(`loses nothing acknowledged and keeps indexes in step over ${KILLS} kills`, async () => {
    const data = join(folder, 'data');
    const acknowledged: Acknowledged = new Map();
    for (let round = 0; round < KILLS; round++) {
      const { child, client, items } = await start(data);
      await verify(items, acknowledged);
      if (round === 0) await createIndexes(items);
      const killed = new AbortController();
      const known = acknowledged.size;
      const writers = WRITERS.map((writer) =>
        write(items, `${round}-${writer}`, acknowledged, killed.signal),
      );
      try {
        await Promise.race([until(() => acknowledged.size > known || killed.signal.aborted), ...writers]);
        // Another moment each time, so that the kill meets every phase of a commit.
        await Promise.race([sleep((round * 7) % 60), ...writers]);
      } finally {
        killed.abort();
      }
      await Promise.all([kill(child), ...writers]);
      await client.close();
      expect(await brokenIndexEntries(data)).to.deep.equal([]);
    }
    const { child, client, items } = await start(data);
    await verify(items, acknowledged);
    await client.close();
    await kill(child);
    expect(acknowledged.size).to.be.at.least(KILLS);
  });

  const start = async (data: string): Promise<Running> => {
    running = spawn(process.execPath, [program, data], {
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said = createInterface({ input: running.stdout });
    const [uri] = (await once(said, 'line', { signal: AbortSignal.timeout(20_000) })) as [string];
    const client = await MongoClient.connect(uri, { retryWrites: false, serverSelectionTimeoutMS: 1000 });
    return { child: running, client, items: client.db('kill').collection<Item>('items') };
  };
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(1);
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** One file instead of 250: most of what a start costs is loading. lmdb loads its binary from where it stands. */
async function bundleEngine(outfile: string): Promise<void> {
  const entry = fileURLToPath(new URL('./killedEngine.js', import.meta.url));
  const lmdb = fileURLToPath(import.meta.resolve('lmdb'));
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    alias: { lmdb },
    external: [lmdb],
  });
}

async function createIndexes(items: Collection<Item>): Promise<void> {
  await items.createIndex({ tag: 1 }, { unique: true });
  await items.createIndex({ value: 1, _id: 1 });
}

/** Writes without pause until the engine is killed; each writer owns its ids, so that its last word about one holds. */
async function write(
  items: Collection<Item>,
  writer: string,
  acknowledged: Acknowledged,
  killed: AbortSignal,
): Promise<void> {
  try {
    for (let i = 0; ; i++) {
      const _id = `${writer}-${i}`;
      await items.insertOne({ _id, value: i, tag: `tag-${_id}` });
      acknowledged.set(_id, i);
      if (i % 3 === 1) {
        acknowledged.set(_id, 'either');
        await items.updateOne({ _id }, { $set: { value: i + 1_000_000, tag: `new-${_id}` } });
        acknowledged.set(_id, i + 1_000_000);
      }
      if (i % 3 === 2) {
        acknowledged.set(_id, 'either');
        await items.deleteOne({ _id });
        acknowledged.set(_id, null);
      }
    }
  } catch (error) {
    if (!killed.aborted) throw error;
  }
}

async function verify(items: Collection<Item>, acknowledged: Acknowledged): Promise<void> {
  const values = new Map((await items.find().toArray()).map(({ _id, value }) => [_id, value]));
  for (const [id, value] of acknowledged) {
    if (value === 'either') continue;
    expect(values.get(id) ?? null, `the acknowledged state of ${id}`).to.equal(value);
  }
}
