import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STATES } from 'mongoose';
import { buildIndexes, createModels, type Models } from '../../src/models/models.js';
import { type EmbeddedEngine, startEmbeddedEngine } from '../../src/stores/embedded/engine.js';
import type { EphemeralStore } from '../../src/stores/ephemeral.js';
import { createInProcessStore } from '../../src/stores/inProcess.js';
import { connectMongo, type MongoStore } from '../../src/stores/mongo.js';
import { createMovableClock, type MovableClock } from './clock.js';
import { silentLogger } from './logger.js';
import { connectMovedRedis } from './movedRedis.js';

export interface TestStores {
  /** Reaches the fresh database of this call; for a second connection to it. */
  mongoUri: string;
  mongo: MongoStore;
  connection: MongoStore['connection'];
  models: Models;
  ephemeral: EphemeralStore;
  clock: MovableClock;
  close(): Promise<void>;
}

/**
 * A fresh database with all indexes and a fresh ephemeral store: on MONGODB_URI and REDIS_URL where they are set, else
 * on the embedded engine (one per test process) and in-process maps.
 */
export async function openTestStores(clock: MovableClock = createMovableClock()): Promise<TestStores> {
  const { name, mongoUri } = await freshDatabase();
  const mongo = await connectMongo({ uri: mongoUri, dataDirectory: '', logger: silentLogger });
  const models = createModels(mongo.connection, clock);
  await buildIndexes(models);
  const redisUrl = process.env['REDIS_URL'];
  const ephemeral = redisUrl
    ? await connectMovedRedis(redisUrl, clock, `${name}:`)
    : createInProcessStore(clock);
  const stores: TestStores = {
    mongoUri,
    mongo,
    connection: mongo.connection,
    models,
    ephemeral,
    clock,
    async close() {
      if (!open.delete(stores)) return;
      await ephemeral.close();
      if (mongo.connection.readyState === STATES.connected) await mongo.connection.dropDatabase();
      await mongo.close();
    },
  };
  open.add(stores);
  return stores;
}

const ROOMY_BYTES = 2 ** 30;

/** A test that fails may leave its stores open; they must not keep the process alive. */
const open = new Set<TestStores>();

/** The name of a database that nobody else uses, and a connection string that reaches it. */
export async function freshDatabase(): Promise<{ name: string; mongoUri: string }> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  return { name, mongoUri: withDatabase(await serverUri(), name) };
}

let engine: Promise<{ embedded: EmbeddedEngine; folder: string }> | null = null;

async function serverUri(): Promise<string> {
  const given = process.env['MONGODB_URI'];
  if (given) return given;
  engine ??= startEngine();
  return (await engine).embedded.uri;
}

async function startEngine(): Promise<{ embedded: EmbeddedEngine; folder: string }> {
  const folder = await mkdtemp(join(await quickFolder(), 'fieldgate-stores-'));
  return { embedded: await startEmbeddedEngine(folder), folder };
}

/** Memory where there is plenty: the engine syncs each write to the disk, which is most of a test's time. */
async function quickFolder(): Promise<string> {
  try {
    const { bavail, bsize } = await statfs('/dev/shm');
    return bavail * bsize > ROOMY_BYTES ? '/dev/shm' : tmpdir();
  } catch {
    return tmpdir();
  }
}

// Of the root suite: the engine lives as long as the process has tests.
after(async () => {
  for (const stores of open) await stores.close();
  if (!engine) return;
  const { embedded, folder } = await engine;
  engine = null;
  await embedded.close();
  await rm(folder, { recursive: true, force: true });
});

function withDatabase(uri: string, name: string): string {
  const [, server, query = ''] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/[^?]*)?(\?.*)?$/.exec(uri) ?? [];
  if (!server) throw new Error('MONGODB_URI is not a connection string');
  return `${server}/${name}${query}`;
}
