import type { Doc } from './bson/value.js';
import { findDocuments } from './plan/execute.js';
import type { QueryNode } from './query/ast.js';
import type { Collection, Index } from './storage/collection.js';
import { removeDocument } from './storage/documents.js';
import type { Storage } from './storage/storage.js';

/** So that a large sweep does not hold up other statements, this many documents go at a time. */
const BATCH = 500;

/** Removes every document whose time in a TTL index has passed. Returns how many. */
export async function removeExpired(storage: Storage, now: Date): Promise<number> {
  let removed = 0;
  for (const { namespace, indexes } of storage.all()) {
    for (const { name, expireAfterSeconds } of indexes) {
      if (expireAfterSeconds === null) continue;
      const due = new Date(now.getTime() - expireAfterSeconds * 1000);
      for (let batch = BATCH; batch === BATCH; removed += batch) {
        batch = await storage.write(() => removeBatch(storage, namespace, name, due));
      }
    }
  }
  return removed;
}

function removeBatch(storage: Storage, namespace: string, name: string, due: Date): number {
  const collection: Collection | undefined = storage.find(namespace);
  const index = collection?.indexes.find((candidate) => candidate.name === name);
  if (!collection || !index) return 0;
  const expired = [
    ...findDocuments(storage, collection, { query: expiredQuery(index, due), hint: index, limit: BATCH }),
  ];
  for (const entry of expired) removeDocument(storage, collection, entry);
  return expired.length;
}

function expiredQuery(index: Index, due: Date): QueryNode {
  const path = Object.keys(index.spec.key as Doc)[0] as string;
  const past: QueryNode = { kind: 'leaf', path, parts: path.split('.'), test: { op: '$lte', value: due } };
  return index.filter ? { kind: 'and', nodes: [past, index.filter] } : past;
}
