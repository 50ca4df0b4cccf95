import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { AppError } from '../../errors.js';
import { idAt } from '../../identity/audit/readEvents.js';
import type { Deps } from '../../identity/deps.js';
import { masterKeyIdOf } from '../../identity/keys/keyId.js';
import { loadMasterKey } from '../../identity/keys/masterKey.js';
import { type CollectionShape, collectionShapes, documentLines, LineSum } from '../../stores/dump.js';
import { VERSION } from '../../version.js';
import type { CommonOptions } from '../commands/command.js';
import { EXIT } from '../exitCodes.js';
import { print } from '../output.js';
import { withHouse } from '../withHouse.js';
import { type ArchivePart, archiveBytes } from './archive.js';
import { type PassphraseOptions, passphraseOf } from './passphrase.js';

export interface BackupOptions extends CommonOptions, PassphraseOptions {
  readonly withMasterKey?: boolean;
}

/** After so long an event whose id is older has been stored, or never will be. */
const SETTLE_MILLISECONDS = 1000;

/**
 * What is read first and last. Checkpoints come before the events that they cover, and keys after what they are
 * needed for, so that what is written meanwhile never leaves something in the archive without what it rests on.
 */
const FIRST = ['auditCheckpoints', 'auditEvents'];
const LAST = ['auditSubjectKeys', 'signingKeys', 'dataKeys'];

/**
 * Writes everything that the database holds to one file; it gets its name when it is whole and on disk. The server
 * may go on meanwhile. Answers the exit code.
 */
export async function backUp(file: string, options: BackupOptions): Promise<number> {
  const passphrase = await passphraseOf(options);
  if (options.withMasterKey && passphrase === null) {
    throw new AppError(
      'BAD_USER_INPUT',
      '--with-master-key needs a passphrase: with the key the archive opens all',
    );
  }
  const counts: Record<string, number> = {};
  const masterKeyId = await withHouse(options.config, async (deps, { actor, origin }) => {
    const key = await loadMasterKey(deps.config, deps.logger);
    const after = { withMasterKey: options.withMasterKey === true, encrypted: passphrase !== null };
    await deps.audit.record({ action: 'installation.backup', outcome: 'success', actor, origin, after });
    const manifest = {
      createdAt: deps.clock().toISOString(),
      fieldgate: VERSION,
      masterKeyId: masterKeyIdOf(key),
      ...(options.withMasterKey && { masterKey: Buffer.from(key).toString('base64url') }),
    };
    const parts = (async function* (): AsyncGenerator<ArchivePart> {
      yield { kind: 'manifest', manifest };
      yield* databaseParts(deps, counts);
    })();
    await writeWhole(file, archiveBytes(parts, passphrase), () =>
      assertStillOpens(deps, manifest.masterKeyId),
    );
    return manifest.masterKeyId;
  });
  const documents = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const told = { file, documents, collections: counts, encrypted: passphrase !== null, masterKeyId };
  const text = `${documents} documents of ${Object.keys(counts).length} collections in ${file}`;
  const withKey = options.withMasterKey ? 'with the master key' : 'WITHOUT the master key';
  print(options.json, told, `${text}\n${withKey} ${masterKeyId}`);
  return EXIT.ok;
}

async function* databaseParts(
  deps: Pick<Deps, 'models' | 'clock'>,
  counts: Record<string, number>,
): AsyncGenerator<ArchivePart> {
  const db = databaseOf(deps);
  // Events of later than now may have a gap: one with an older id can be stored after one with a newer id.
  const now = deps.clock();
  await sleep(SETTLE_MILLISECONDS);
  const filters: Readonly<Record<string, object>> = {
    auditCheckpoints: { at: { $lt: now } },
    auditEvents: { _id: { $lt: idAt(now) } },
  };
  const shapes = inOrder(await collectionShapes(db));
  for (const collection of shapes) {
    yield { kind: 'collection', collection };
    const sum = new LineSum();
    for await (const line of documentLines(db, collection.name, filters[collection.name])) {
      sum.add(line);
      yield { kind: 'document', line };
    }
    const total = sum.total();
    counts[collection.name] = total.count;
    yield { kind: 'sum', name: collection.name, sum: total };
  }
  yield { kind: 'end', collections: shapes.length };
}

function inOrder(shapes: readonly CollectionShape[]): CollectionShape[] {
  const rank = ({ name }: CollectionShape) =>
    FIRST.includes(name) ? FIRST.indexOf(name) - FIRST.length : LAST.indexOf(name) + 1;
  return [...shapes].sort((a, b) => rank(a) - rank(b));
}

function databaseOf({ models }: Pick<Deps, 'models'>): Db {
  const { db } = models.users.db;
  if (!db) throw new AppError('UNAVAILABLE', 'the database is not connected');
  return db;
}

/** The data keys are read last: the archive opens with this master key if they still did after that. */
async function assertStillOpens({ models }: Pick<Deps, 'models'>, masterKeyId: string): Promise<void> {
  if (!(await models.dataKeys.exists({ 'wraps.masterKeyId': { $ne: masterKeyId } }))) return;
  throw new AppError('CONFLICT', 'the master key was rotated meanwhile: make the backup again');
}

/** Under another name until it is on disk: half an archive must never look like one. */
async function writeWhole(
  file: string,
  bytes: AsyncIterable<Buffer>,
  isSound: () => Promise<void>,
): Promise<void> {
  const draft = `${file}.partial`;
  try {
    await pipeline(Readable.from(bytes), createWriteStream(draft, { mode: 0o600, flush: true }));
    await isSound();
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
