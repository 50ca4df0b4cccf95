import { randomBytes } from 'node:crypto';
import mongoose from 'mongoose';
import { buildIndexes, createModels, type Models } from '../../src/models/models.js';
import type { EphemeralStore } from '../../src/stores/ephemeral.js';
import { createInProcessStore } from '../../src/stores/inProcess.js';
import { connectRedis } from '../../src/stores/redis.js';
import { createMovableClock, type MovableClock } from './clock.js';
import { silentLogger } from './logger.js';

export interface TestStores {
  /** Reaches the fresh database of this call; for a second connection to it. */
  mongoUri: string;
  connection: mongoose.Connection;
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
  const connection = await mongoose.createConnection(mongoUri).asPromise();
  const models = createModels(connection, clock);
  await buildIndexes(models);
  const redisUrl = process.env['REDIS_URL'];
  const ephemeral = redisUrl
    ? await connectRedis(redisUrl, silentLogger, `${name}:`)
    : createInProcessStore(clock);
  return {
    mongoUri,
    connection,
    models,
    ephemeral,
    clock,
    async close() {
      await ephemeral.close();
      await connection.dropDatabase();
      await connection.close();
    },
  };
}

/** The name of a database that nobody else uses, and a connection string that reaches it. */
export async function freshDatabase(): Promise<{ name: string; mongoUri: string }> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  return { name, mongoUri: withDatabase(await serverUri(), name) };
}

async function serverUri(): Promise<string> {
  return process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1:27117/test?replicaSet=rs0';
}

function withDatabase(uri: string, name: string): string {
  const [, server, query = ''] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/[^?]*)?(\?.*)?$/.exec(uri) ?? [];
  if (!server) throw new Error('MONGODB_URI is not a connection string');
  return `${server}/${name}${query}`;
}
