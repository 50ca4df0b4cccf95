import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/schema.js';
import { isAppError } from '../errors.js';
import type { Logger } from '../identity/ports.js';
import { socketInside } from '../stores/embedded/socketPath.js';
import { connectMongo, type MongoStore } from '../stores/mongo.js';

/**
 * A connection to the embedded engine of a server that runs on this data directory, so that a command can work beside
 * it; null when there is a MongoDB, or no such server.
 */
export async function connectRunningEngine(config: Config, logger: Logger): Promise<MongoStore | null> {
  const socket = socketInside(join(config.dataDirectory, 'embedded'));
  if (config.stores.mongodbUri || !existsSync(socket)) return null;
  try {
    const uri = `mongodb://${encodeURIComponent(socket)}/fieldgate?directConnection=true`;
    return await connectMongo({ uri, dataDirectory: config.dataDirectory, logger });
  } catch (error) {
    // The socket of a server that was killed: nobody listens, and the data folder is free.
    if (isAppError(error, 'UNAVAILABLE')) return null;
    throw error;
  }
}
