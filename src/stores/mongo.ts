import { join } from 'node:path';
import mongoose, { type Connection } from 'mongoose';
import { AppError } from '../errors.js';
import type { EmbeddedEngine } from './embedded/engine.js';
import { MongoConnection } from './mongoConnection.js';

export interface MongoOptions {
  /** A MongoDB server; absent: the embedded engine in `<dataDirectory>/embedded`. */
  readonly uri?: string | undefined;
  readonly dataDirectory: string;
  readonly logger: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
  readonly poolSize?: number | undefined;
}

export interface MongoStore {
  readonly connection: Connection;
  readonly kind: 'mongodb' | 'embedded';
  /** Resolves when the server answers. @throws AppError UNAVAILABLE */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** How long a request waits for a server that is away, in milliseconds, before it fails. */
const SERVER_SELECTION_TIMEOUT_MS = 3000;
/** How often the driver asks the server for a sign of life: one that answers nothing is given up within this and the above. */
const HEARTBEAT_MS = 2000;

/** Known to the driver, though not to the types of mongoose. */
const CONNECTION: object = { connectionType: MongoConnection };

/**
 * Connects mongoose to the configured server, or to an embedded engine that it starts. Operations fail fast when
 * the server is away: nothing is buffered.
 * @throws AppError UNAVAILABLE when there is no server at the address
 */
export async function connectMongo(options: MongoOptions): Promise<MongoStore> {
  if (options.uri) return connect(options.uri, options, null);
  // Loaded where it is used: an installation with a MongoDB has no need of it.
  const { startEmbeddedEngine } = await import('./embedded/engine.js');
  const engine = await startEmbeddedEngine(join(options.dataDirectory, 'embedded'), {
    logger: options.logger,
  });
  try {
    return await connect(engine.uri, options, engine);
  } catch (error) {
    await engine.close();
    throw error;
  }
}

async function connect(
  uri: string,
  options: MongoOptions,
  engine: EmbeddedEngine | null,
): Promise<MongoStore> {
  const connection = mongoose.createConnection(uri, {
    serverSelectionTimeoutMS: SERVER_SELECTION_TIMEOUT_MS,
    connectTimeoutMS: SERVER_SELECTION_TIMEOUT_MS,
    waitQueueTimeoutMS: SERVER_SELECTION_TIMEOUT_MS,
    heartbeatFrequencyMS: HEARTBEAT_MS,
    ...CONNECTION,
    bufferCommands: false,
    autoIndex: false,
    autoCreate: false,
    maxPoolSize: options.poolSize ?? 20,
  });
  connection.on('error', (error: unknown) =>
    options.logger.error({ error }, 'the connection to MongoDB has failed'),
  );
  connection.on('disconnected', () => options.logger.warn({}, 'MongoDB is out of reach'));
  connection.on('reconnected', () => options.logger.info({}, 'MongoDB is back'));
  try {
    await connection.asPromise();
  } catch (error) {
    await connection.close().catch(() => undefined);
    throw unavailable(error);
  }
  return {
    connection,
    kind: engine ? 'embedded' : 'mongodb',
    ping: () => ping(connection),
    close: async () => {
      connection.removeAllListeners('disconnected');
      await connection.close();
      await engine?.close();
    },
  };
}

async function ping(connection: Connection): Promise<void> {
  if (!connection.db) throw unavailable(new Error('not connected'));
  try {
    await connection.db.command({ ping: 1 });
  } catch (error) {
    throw unavailable(error);
  }
}

function unavailable(cause: unknown): AppError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new AppError('UNAVAILABLE', `MongoDB does not answer: ${detail}`, { cause });
}
