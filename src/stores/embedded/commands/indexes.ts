import { Int32 } from 'bson';
import { type Doc, decode, isDocument } from '../bson/value.js';
import { CommandError } from '../errors.js';
import type { Collection, Index } from '../storage/collection.js';
import { indexDocument } from '../storage/documents.js';
import { indexFromSpec, normalizeIndexSpec, sameSpec } from '../storage/indexSpec.js';
import { afterPrefix, documentPrefix, indexPrefix, recordIdOf } from '../storage/layout.js';
import { scanKeys } from '../storage/scan.js';
import type { Storage } from '../storage/storage.js';
import { documentsOf, namespaceOf } from './arguments.js';
import { removeRange, sameKey } from './catalog.js';
import type { CommandContext, Commands } from './context.js';

export const indexCommands: Commands = {
  createIndexes: { fields: ['indexes', 'commitQuorum', 'ignoreUnknownIndexOptions'], run: createIndexes },
  dropIndexes: { fields: ['index'], run: dropIndexes },
};

async function createIndexes(request: Doc, context: CommandContext): Promise<Doc> {
  const { storage } = context;
  const namespace = namespaceOf(request, context);
  const specs = documentsOf(request.indexes, 'indexes').map(normalizeIndexSpec);
  if (specs.length === 0) throw new CommandError(2, 'Must specify at least one index to create');
  return storage.write(() => {
    const existed = storage.find(namespace) !== undefined;
    const collection = storage.ensure(namespace);
    const numIndexesBefore = collection.indexes.length;
    for (const spec of specs) if (!isKnown(collection, spec)) buildIndex(storage, collection, spec);
    const numIndexesAfter = collection.indexes.length;
    const note = numIndexesAfter === numIndexesBefore ? { note: 'all indexes already exist' } : {};
    const numbers = {
      numIndexesBefore: new Int32(numIndexesBefore),
      numIndexesAfter: new Int32(numIndexesAfter),
    };
    return { ...numbers, createdCollectionAutomatically: !existed, ...note, ok: 1 };
  });
}

/** @throws CommandError IndexOptionsConflict, IndexKeySpecsConflict when another index is in the way */
function isKnown(collection: Collection, spec: Doc): boolean {
  for (const { spec: other } of collection.indexes) {
    const keysEqual = sameKey(other.key, spec.key);
    if (keysEqual && other.name === '_id_') return true;
    if (other.name === spec.name) {
      if (sameSpec(other, spec)) return true;
      throw new CommandError(
        86,
        `An existing index has the same name as the requested index: ${String(spec.name)}`,
      );
    }
    if (!keysEqual || !sameFilter(other, spec)) continue;
    throw new CommandError(
      85,
      `Index already exists with a different name or options: ${String(other.name)}`,
    );
  }
  return false;
}

// Two indexes on the same fields may stand side by side when their partial filters differ.
function sameFilter(left: Doc, right: Doc): boolean {
  const [one, other] = [left.partialFilterExpression, right.partialFilterExpression];
  return one === undefined || other === undefined ? one === other : sameKey(one, other);
}

/** Fills the new index from the whole collection, in the same transaction. @throws CommandError DuplicateKey */
function buildIndex(storage: Storage, collection: Collection, spec: Doc): void {
  const flags = { multikey: false, truncated: false };
  const index = indexFromSpec(storage.takeId(), spec, flags, storage.compileExpression);
  const before = collection.indexes;
  storage.onUndo(() => {
    collection.indexes = before;
  });
  const start = documentPrefix(collection.id);
  for (const key of scanKeys(storage.data, { start, end: afterPrefix(start) }, false)) {
    const bytes = storage.data.get(key);
    if (bytes)
      indexDocument(storage, collection, index, { recordId: recordIdOf(key), document: decode(bytes) });
  }
  collection.indexes = [...before, index];
  storage.save(collection);
}

async function dropIndexes(request: Doc, context: CommandContext): Promise<Doc> {
  const { storage } = context;
  const namespace = namespaceOf(request, context);
  return storage.write(() => {
    const collection = storage.find(namespace);
    if (!collection) throw new CommandError(26, `ns not found ${namespace}`);
    const before = collection.indexes;
    const doomed = new Set(selectIndexes(collection, request.index));
    storage.onUndo(() => {
      collection.indexes = before;
    });
    for (const index of doomed) removeRange(storage, indexPrefix(index.id));
    collection.indexes = before.filter((index) => !doomed.has(index));
    storage.save(collection);
    return { nIndexesWas: before.length, ok: 1 };
  });
}

function selectIndexes(collection: Collection, selector: unknown): readonly Index[] {
  if (selector === '*') return collection.indexes.filter((index) => index.name !== '_id_');
  const wanted = Array.isArray(selector) ? selector : [selector];
  return wanted.map((name: unknown) => {
    const found = collection.indexes.find(
      (index) => index.name === name || (isDocument(name) && sameKey(index.spec.key, name)),
    );
    if (!found) throw new CommandError(27, `index not found with name [${String(name)}]`);
    if (found.name === '_id_') throw new CommandError(72, 'cannot drop _id index');
    return found;
  });
}
