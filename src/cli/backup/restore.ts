import type { Db } from 'mongodb';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { AppError } from '../../errors.js';
import { masterKeyIdOf } from '../../identity/keys/keyId.js';
import { keepMasterKey, presentMasterKey } from '../../identity/keys/masterKey.js';
import { createLogger } from '../../observability/logger.js';
import {
  type CollectionShape,
  type CollectionSum,
  createIndexes,
  filledCollections,
  insertLines,
  LineSum,
  sumOf,
} from '../../stores/dump.js';
import { connectMongo } from '../../stores/mongo.js';
import { beginRestore, endRestore, RESTORE_MARK } from '../../stores/restoreMark.js';
import type { CommonOptions } from '../commands/command.js';
import { EXIT } from '../exitCodes.js';
import { print } from '../output.js';
import { connectRunningEngine } from '../runningEngine.js';
import { withHouse } from '../withHouse.js';
import { type ArchivePart, type Manifest, readArchive } from './archive.js';
import { type PassphraseOptions, passphraseOf } from './passphrase.js';

export interface RestoreOptions extends CommonOptions, PassphraseOptions {
  readonly force?: boolean;
}

interface Contents {
  readonly manifest: Manifest;
  readonly sums: ReadonlyMap<string, CollectionSum>;
}

/**
 * Puts an archive into an empty database. The whole archive is verified before anything is written, what was written
 * is read back and compared, then the indexes are made and the installation is opened once. What is left half done is
 * opened by nobody. Answers the exit code.
 */
export async function restore(file: string, options: RestoreOptions): Promise<number> {
  const passphrase = await passphraseOf(options);
  const config = loadConfig({ file: options.config });
  const contents = await verifyArchive(file, passphrase);
  await assertMasterKey(config, contents.manifest);
  const { masterKeyId, createdAt } = contents.manifest;
  await writeDatabase(config, () => readArchive(file, passphrase), contents, options.force === true);
  await withHouse(options.config, (deps, { actor, origin }) =>
    deps.audit.record({
      action: 'installation.restore',
      outcome: 'success',
      actor,
      origin,
      after: { createdAt, fieldgate: contents.manifest.fieldgate },
    }),
  );
  const counts = Object.fromEntries([...contents.sums].map(([name, { count }]) => [name, count]));
  const documents = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const told = { file, createdAt, documents, collections: counts, masterKeyId };
  const collections = contents.sums.size;
  print(
    options.json,
    told,
    `${documents} documents of ${collections} collections restored, as of ${createdAt}`,
  );
  return EXIT.ok;
}

/** Reads the archive to its end and compares every sum. @throws AppError BAD_USER_INPUT */
async function verifyArchive(file: string, passphrase: string | null): Promise<Contents> {
  let manifest: Manifest | null = null;
  let collections = 0;
  const sums = new Map<string, CollectionSum>();
  let running = new LineSum();
  for await (const part of readArchive(file, passphrase)) {
    if (part.kind === 'manifest') manifest = part.manifest;
    else if (part.kind === 'collection') running = new LineSum();
    else if (part.kind === 'document') running.add(part.line);
    else if (part.kind === 'sum') {
      assertSame(part.name, running.total(), part.sum, 'the archive is damaged');
      sums.set(part.name, part.sum);
    } else collections = part.collections;
  }
  if (!manifest || sums.size !== collections) {
    throw new AppError('BAD_USER_INPUT', 'the archive is damaged: parts are missing');
  }
  return { manifest, sums };
}

function assertSame(name: string, found: CollectionSum, expected: CollectionSum, what: string): void {
  if (found.count === expected.count && found.sha256 === expected.sha256) return;
  throw new AppError(
    'BAD_USER_INPUT',
    `${what}: ${name} has ${found.count} documents of ${expected.count}, or they differ`,
  );
}

/** Before anything is written: without its master key the data could not be opened. */
async function assertMasterKey(config: Config, { masterKeyId, masterKey }: Manifest): Promise<void> {
  const present = await presentMasterKey(config);
  if (present && masterKeyIdOf(present) === masterKeyId) return;
  if (!present && masterKey !== undefined) return;
  throw new AppError(
    'CONFLICT',
    present
      ? `the archive was made under the master key ${masterKeyId}, this installation has ${masterKeyIdOf(present)}: ` +
          'put the right one in its place'
      : `the archive comes without its master key ${masterKeyId}: put it into ${config.dataDirectory}/master.key`,
  );
}

async function writeDatabase(
  config: Config,
  read: () => AsyncGenerator<ArchivePart>,
  { manifest, sums }: Contents,
  force: boolean,
): Promise<void> {
  const logger = createLogger({ logging: { level: 'warn' } }, { sink: process.stderr });
  const running = await connectRunningEngine(config, logger);
  if (running) {
    await running.close();
    throw new AppError('UNAVAILABLE', 'a server works on this data folder: stop it first');
  }
  const { mongodbUri: uri } = config.stores;
  const mongo = await connectMongo({ uri, dataDirectory: config.dataDirectory, logger });
  try {
    const db = mongo.connection.db as unknown as Db;
    await assertMayOverwrite(db, force);
    // Before the data: what is stored must never be without what opens it. Not beside the data of another installation.
    if (manifest.masterKey !== undefined && config.masterKey === undefined)
      await keepMasterKey(config, Buffer.from(manifest.masterKey, 'base64url'));
    await makeEmpty(db);
    const shapes = await writeCollections(db, read());
    for (const { name } of shapes) {
      const expected = sums.get(name);
      if (expected)
        assertSame(name, await sumOf(db, name), expected, 'what was written is not what was read');
    }
    for (const shape of shapes) await createIndexes(db, shape);
    await endRestore(db);
  } finally {
    await mongo.close();
  }
}

async function assertMayOverwrite(db: Db, force: boolean): Promise<void> {
  const filled = await filledCollections(db);
  if (filled.length > 0 && !force) {
    throw new AppError(
      'CONFLICT',
      `the database is not empty (${filled.join(', ')}): give another one, or --force to remove what is there`,
    );
  }
}

async function makeEmpty(db: Db): Promise<void> {
  await beginRestore(db);
  for (const { name } of await db.listCollections().toArray()) {
    if (!name.startsWith('system.') && name !== RESTORE_MARK) await db.collection(name).drop();
  }
}

async function writeCollections(db: Db, parts: AsyncGenerator<ArchivePart>): Promise<CollectionShape[]> {
  const shapes: CollectionShape[] = [];
  for (let next = await parts.next(); !next.done; next = await parts.next()) {
    if (next.value.kind !== 'collection') continue;
    shapes.push(next.value.collection);
    await insertLines(db, next.value.collection, documentsUntilSum(parts));
  }
  return shapes;
}

/** Takes the documents of one collection, and the mark after them, from the parts. */
async function* documentsUntilSum(parts: AsyncGenerator<ArchivePart>): AsyncGenerator<string> {
  // Not `for await`: leaving one would close the parts for the collections that follow.
  for (let next = await parts.next(); !next.done; next = await parts.next()) {
    if (next.value.kind !== 'document') return;
    yield next.value.line;
  }
}
