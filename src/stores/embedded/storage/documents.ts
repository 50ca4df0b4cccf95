import { type Doc, decode, encode, isDocument, MAX_DOCUMENT_BYTES, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { matches } from '../query/match.js';
import type { Collection, Index } from './collection.js';
import { type IndexKeys, indexKeysOf } from './indexKeys.js';
import { afterPrefix, documentKey, indexEntryKey, indexPrefix, recordIdOf } from './layout.js';
import type { Storage } from './storage.js';

/** A document where it lies. */
export interface StoredDocument {
  readonly recordId: number;
  readonly document: Doc;
}

interface IndexChange {
  readonly index: Index;
  readonly before: IndexKeys;
  readonly after: IndexKeys;
}

const NO_KEYS: IndexKeys = { keys: [], multikey: false, truncated: false };

/** The keys of a document in one index, none when a partial filter leaves it out. */
export function keysIn(index: Index, document: Doc): IndexKeys {
  if (index.filter && !matches(index.filter, document)) return NO_KEYS;
  return indexKeysOf(document, index.fields, index.sparse);
}

export function readDocument(storage: Storage, collection: Collection, recordId: number): Doc | null {
  const bytes = storage.data.get(documentKey(collection.id, recordId));
  return bytes ? decode(bytes) : null;
}

/**
 * Adds a document with its index entries; only inside `write`.
 * @throws CommandError DuplicateKey and others, before anything is written
 */
export function insertDocument(storage: Storage, collection: Collection, document: Doc): void {
  const bytes = checkedBytes(document);
  const changes = collection.indexes.map((index) => ({
    index,
    before: NO_KEYS,
    after: keysIn(index, document),
  }));
  const recordId = collection.nextRecordId;
  assertUnique(storage, collection, changes, recordId);
  collection.nextRecordId++;
  void storage.data.put(documentKey(collection.id, recordId), bytes);
  writeEntries(storage, collection, changes, recordId);
}

/**
 * Replaces a stored document; only inside `write`.
 * @throws CommandError DuplicateKey and others, before anything is written
 */
export function replaceDocument(
  storage: Storage,
  collection: Collection,
  old: StoredDocument,
  document: Doc,
): void {
  const bytes = checkedBytes(document);
  const changes = collection.indexes.map((index) => ({
    index,
    before: keysIn(index, old.document),
    after: keysIn(index, document),
  }));
  assertUnique(storage, collection, changes, old.recordId);
  void storage.data.put(documentKey(collection.id, old.recordId), bytes);
  writeEntries(storage, collection, changes, old.recordId);
}

/** Takes a stored document out of the collection and its indexes; only inside `write`. */
export function removeDocument(storage: Storage, collection: Collection, old: StoredDocument): void {
  const changes = collection.indexes.map((index) => ({
    index,
    before: keysIn(index, old.document),
    after: NO_KEYS,
  }));
  void storage.data.remove(documentKey(collection.id, old.recordId));
  writeEntries(storage, collection, changes, old.recordId);
}

/** Adds a stored document to a new index; only inside `write`. @throws CommandError DuplicateKey */
export function indexDocument(
  storage: Storage,
  collection: Collection,
  index: Index,
  stored: StoredDocument,
): void {
  const change = { index, before: NO_KEYS, after: keysIn(index, stored.document) };
  assertUnique(storage, collection, [change], stored.recordId);
  writeEntries(storage, collection, [change], stored.recordId);
}

function checkedBytes(document: Doc): Buffer {
  const bytes = encode(document);
  if (bytes.length > MAX_DOCUMENT_BYTES) {
    throw new CommandError(
      10334,
      `BSONObj size: ${bytes.length} is invalid. Size must be between 0 and 16793600(16MB)`,
    );
  }
  return bytes;
}

function assertUnique(
  storage: Storage,
  collection: Collection,
  changes: readonly IndexChange[],
  recordId: number,
): void {
  for (const { index, after } of changes) {
    if (!index.unique) continue;
    const prefix = indexPrefix(index.id);
    for (const key of after.keys) {
      const start = Buffer.concat([prefix, key.bytes]);
      for (const entry of storage.data.getKeys({ start, end: afterPrefix(start), limit: 2 })) {
        if (recordIdOf(entry) !== recordId) throw duplicateKey(collection, index, key.values);
      }
    }
  }
}

function duplicateKey(collection: Collection, index: Index, values: readonly Value[]): CommandError {
  const keyValue: Doc = {};
  for (const [i, field] of index.fields.entries()) {
    const value = values[i];
    keyValue[field.path] = typeof value === 'symbol' || value === undefined ? null : value;
  }
  const shown = Object.entries(keyValue).map(([path, value]) => `${path}: ${show(value)}`);
  return new CommandError(
    11000,
    `E11000 duplicate key error collection: ${collection.namespace} index: ${index.name} dup key: { ${shown.join(', ')} }`,
    { keyPattern: index.spec.key, keyValue },
  );
}

function show(value: Value): string {
  if (typeof value === 'string') return `"${value}"`;
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  const bsonType = (value as { _bsontype?: string } | null)?._bsontype;
  if (bsonType === 'ObjectId') return `ObjectId('${String(value)}')`;
  if (Array.isArray(value)) return `[ ${value.map(show).join(', ')} ]`;
  if (!isDocument(value)) return String(value);
  const shown = Object.entries(value).map(([name, entry]) => `${name}: ${show(entry)}`);
  return `{ ${shown.join(', ')} }`;
}

function writeEntries(
  storage: Storage,
  collection: Collection,
  changes: readonly IndexChange[],
  recordId: number,
): void {
  let flagged = false;
  for (const { index, before, after } of changes) {
    const kept = new Set(after.keys.map((key) => key.bytes.toString('latin1')));
    const had = new Set(before.keys.map((key) => key.bytes.toString('latin1')));
    for (const key of before.keys) {
      if (!kept.has(key.bytes.toString('latin1')))
        void storage.data.remove(indexEntryKey(index.id, key.bytes, recordId));
    }
    for (const key of after.keys) {
      if (!had.has(key.bytes.toString('latin1')))
        void storage.data.put(indexEntryKey(index.id, key.bytes, recordId), EMPTY);
    }
    if ((!after.multikey || index.multikey) && (!after.truncated || index.truncated)) continue;
    const { multikey, truncated } = index;
    storage.onUndo(() => Object.assign(index, { multikey, truncated }));
    index.multikey ||= after.multikey;
    index.truncated ||= after.truncated;
    flagged = true;
  }
  if (flagged) storage.save(collection);
}

const EMPTY = Buffer.alloc(0);
