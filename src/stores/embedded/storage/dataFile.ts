import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { FORMAT_KEY } from './layout.js';

const FORMAT_VERSION = 1;
const FORMAT_NAME = 'fieldgate-embedded';
const LMDB_MAGIC = 0xbeefc0de;

export type DataFile = RootDatabase<Buffer, Buffer>;

/** A data file that cannot be used; the message names it and the way out. */
export class DataFileError extends Error {
  constructor(file: string, fault: string, cause?: unknown) {
    super(
      `The embedded engine cannot use ${file}: ${fault}. Restore a backup of the folder, or move the folder away ` +
        'to start empty, or set MONGODB_URI to use a MongoDB server.',
      { cause },
    );
    this.name = 'DataFileError';
  }
}

/**
 * Opens or creates the data file of a folder. A commit is synced to disk before its promise resolves.
 * @throws DataFileError when the file is foreign, damaged at its head, cut short, or of another format version
 */
export async function openDataFile(folder: string): Promise<DataFile> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'data.mdb');
  const isNew = !existsSync(file);
  if (!isNew) assertWhole(file);
  const data = openFile(folder, file);
  try {
    await checkFormat(data, file, isNew);
  } catch (error) {
    await data.close();
    throw error instanceof DataFileError ? error : new DataFileError(file, 'it cannot be read', error);
  }
  return data;
}

function openFile(folder: string, file: string): DataFile {
  try {
    return open<Buffer, Buffer>({
      path: folder,
      noSubdir: false,
      encoding: 'binary',
      keyEncoding: 'binary',
      // Resolve a commit only when the disk has it; commits that wait for one sync share the next.
      overlappingSync: false,
      // LMDB would begin each batch with a promise of its own, whose refusal nobody can hear.
      eventTurnBatching: false,
      maxReaders: 126,
    });
  } catch (error) {
    throw new DataFileError(file, `it is no data file of this engine (${(error as Error).message})`, error);
  }
}

async function checkFormat(data: DataFile, file: string, isNew: boolean): Promise<void> {
  const stored = data.get(FORMAT_KEY);
  if (stored) {
    const format = parseFormat(stored);
    if (format?.name !== FORMAT_NAME) throw new DataFileError(file, 'it was written by another program');
    if (format.version !== FORMAT_VERSION) {
      throw new DataFileError(
        file,
        `its format version is ${format.version}, this release reads ${FORMAT_VERSION}`,
      );
    }
    return;
  }
  // A kill between the creation of the file and its first commit leaves it empty: that is as good as new.
  if (!isNew && data.getKeysCount({ limit: 1 }) > 0) throw new DataFileError(file, 'it has no format record');
  await data.put(FORMAT_KEY, Buffer.from(JSON.stringify({ name: FORMAT_NAME, version: FORMAT_VERSION })));
}

function parseFormat(stored: Buffer): { name?: string; version?: number } | null {
  try {
    return JSON.parse(stored.toString()) as { name?: string; version?: number };
  } catch {
    return null;
  }
}

/**
 * Reads the two meta pages before the file is mapped: a mapped file that lacks pages would end the process with
 * a bus error instead of a message.
 */
function assertWhole(file: string): void {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    if (size === 0) return;
    const head = Buffer.alloc(Math.min(size, 64 * 1024));
    readSync(descriptor, head, 0, head.length, 0);
    const first = readMeta(head, 0);
    if (!first)
      throw new DataFileError(file, 'it is no data file of this engine or its beginning is damaged');
    const second = readMeta(head, first.pageSize);
    if (!second) throw new DataFileError(file, 'its beginning is damaged');
    const newest = second.transaction > first.transaction ? second : first;
    if (size < (newest.lastPage + 1) * first.pageSize) throw new DataFileError(file, 'it has been cut short');
  } finally {
    closeSync(descriptor);
  }
}

/** Where LMDB's `MDB_meta` begins in its page, and its fields from there (64-bit little-endian builds). */
const META_OFFSETS = { header: 24, pageSize: 24, lastPage: 120, transaction: 128 };

interface Meta {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: number;
}

function readMeta(head: Buffer, at: number): Meta | null {
  if (head.length < at + 160) return null;
  const magicAt = META_OFFSETS.header + at;
  if (head.readUInt32LE(magicAt) !== LMDB_MAGIC) return null;
  const pageSize = head.readUInt32LE(magicAt + META_OFFSETS.pageSize);
  if (pageSize < 512 || pageSize > 65_536) return null;
  return {
    pageSize,
    lastPage: Number(head.readBigUInt64LE(magicAt + META_OFFSETS.lastPage)),
    transaction: Number(head.readBigUInt64LE(magicAt + META_OFFSETS.transaction)),
  };
}
