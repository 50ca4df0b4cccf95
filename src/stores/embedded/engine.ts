import { variablesCompiler } from './aggregate/expressions.js';
import { runCommand } from './commands/router.js';
import { Cursors } from './cursors.js';
import { lockFolder } from './folderLock.js';
import { chooseSocketPath } from './socketPath.js';
import { Storage } from './storage/storage.js';
import { removeExpired } from './ttl.js';
import { listen } from './wire/server.js';

export interface EmbeddedEngineOptions {
  /** How often expired documents are removed, in seconds. */
  readonly ttlSweepSeconds?: number;
  readonly now?: () => Date;
  readonly logger?: {
    info(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
  /** The database that the connection string names. */
  readonly database?: string;
}

export interface EmbeddedEngine {
  /** A connection string for the unmodified MongoDB driver. */
  readonly uri: string;
  close(): Promise<void>;
}

/**
 * Starts the embedded engine on a folder: the MongoDB wire protocol on a unix socket of mode 0600, every write on
 * disk before its reply. One process per folder.
 * @throws FolderInUseError, DataFileError
 */
export async function startEmbeddedEngine(
  folder: string,
  options: EmbeddedEngineOptions = {},
): Promise<EmbeddedEngine> {
  const { ttlSweepSeconds = 5, now = () => new Date(), logger, database = 'fieldgate' } = options;
  const lock = lockFolder(folder);
  let storage: Storage | undefined;
  try {
    storage = await Storage.open(folder, variablesCompiler({}));
    await lock.assertAlone();
  } catch (error) {
    await storage?.close();
    lock.release();
    throw error;
  }
  const cursors = new Cursors();
  const socket = chooseSocketPath(folder);
  const giveBack = async () => {
    await storage.close();
    socket.remove();
    lock.release();
  };
  const server = await listen(socket.path, (request, connectionId) =>
    runCommand(request, { storage, cursors, connectionId, now }),
  ).catch(async (error: unknown) => {
    await giveBack();
    throw error;
  });
  let sweep: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    cursors.expire();
    sweep = sweep
      .then(() => removeExpired(storage, now()))
      .catch((error: unknown) => logger?.error({ error }, 'expired documents could not be removed'));
  }, ttlSweepSeconds * 1000);
  timer.unref();
  logger?.info(
    { folder },
    'storage is the embedded engine: for first steps, tests and small installations; production sets MONGODB_URI',
  );
  return {
    uri: `mongodb://${encodeURIComponent(socket.path)}/${database}?directConnection=true`,
    close: async () => {
      clearInterval(timer);
      await server.close();
      await sweep;
      await giveBack();
    },
  };
}
