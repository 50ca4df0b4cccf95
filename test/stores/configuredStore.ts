import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectMongo, type MongoStore } from '../../src/stores/mongo.js';
import { silentLogger } from '../support/logger.js';

/** A fresh database on MONGODB_URI where that is set, else on an embedded engine of its own. */
export async function openConfiguredStore(): Promise<MongoStore> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'store-'));
  const server = process.env['MONGODB_URI'];
  const name = `store_${randomBytes(5).toString('hex')}`;
  const uri = server?.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/[^?]*)?/, `$1/${name}`);
  const store = await connectMongo({ uri, dataDirectory, logger: silentLogger });
  return {
    ...store,
    close: async () => {
      await store.connection.dropDatabase();
      await store.close();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}
