import { createHash, type Hash } from 'node:crypto';
import { EJSON } from 'bson';
import type { Db, Document, Filter, IndexDescription } from 'mongodb';
import { RESTORE_MARK } from './restoreMark.js';

/** How one collection is made: what creates it and its indexes. */
export interface CollectionShape {
  readonly name: string;
  readonly options: Document;
  readonly indexes: readonly IndexDescription[];
}

/** A collection as it was read or written: of its documents in the order of their ids. */
export interface CollectionSum {
  readonly count: number;
  /** SHA-256 over the lines of the documents. */
  readonly sha256: string;
}

/** Held for the moment only: whoever migrated or restored is gone when a backup is restored. */
const TRANSIENT = new Set(['migrationLock', RESTORE_MARK]);
const BATCH_DOCUMENTS = 500;

/** Every collection of a database but those of the server itself, by name. */
export async function collectionShapes(db: Db): Promise<CollectionShape[]> {
  const found = await db.listCollections().toArray();
  const names = found
    .filter(({ name, type }) => (type ?? 'collection') === 'collection' && !name.startsWith('system.'))
    .filter(({ name }) => !TRANSIENT.has(name));
  const shapes: CollectionShape[] = [];
  for (const { name, ...rest } of names) {
    const indexes = await db.collection(name).listIndexes().toArray();
    shapes.push({
      name,
      options: ('options' in rest ? rest.options : undefined) ?? {},
      indexes: indexes.filter((index) => index['name'] !== '_id_').map(indexDescription),
    });
  }
  return shapes.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** `v` and `ns` are the server's own business. */
function indexDescription({ v: _version, ns: _namespace, ...index }: Document): IndexDescription {
  return index as IndexDescription;
}

/** The documents of a collection, each as one line that keeps every type (canonical Extended JSON), by id. */
export async function* documentLines(
  db: Db,
  name: string,
  filter: Filter<Document> = {},
): AsyncGenerator<string> {
  const cursor = db.collection(name).find(filter).sort({ _id: 1 }).batchSize(BATCH_DOCUMENTS);
  for await (const document of cursor) yield EJSON.stringify(document, { relaxed: false });
}

/** Adds lines up to what is compared. */
export class LineSum {
  readonly #hash: Hash = createHash('sha256');
  #count = 0;

  add(line: string): void {
    this.#hash.update(line).update('\n');
    this.#count += 1;
  }

  total(): CollectionSum {
    return { count: this.#count, sha256: this.#hash.digest('hex') };
  }
}

/** Makes the collection and stores the documents; its indexes come later, so that nothing expires meanwhile. */
export async function insertLines(
  db: Db,
  { name, options }: CollectionShape,
  lines: AsyncIterable<string>,
): Promise<void> {
  await db.createCollection(name, options);
  let batch: Document[] = [];
  const write = async () => {
    if (batch.length > 0) await db.collection(name).insertMany(batch, { ordered: false });
    batch = [];
  };
  for await (const line of lines) {
    batch.push(EJSON.parse(line, { relaxed: false }) as Document);
    if (batch.length >= BATCH_DOCUMENTS) await write();
  }
  await write();
}

/** What a collection holds now, to be compared with what was read. */
export async function sumOf(db: Db, name: string): Promise<CollectionSum> {
  const sum = new LineSum();
  for await (const line of documentLines(db, name)) sum.add(line);
  return sum.total();
}

/** Makes the indexes of a collection. */
export async function createIndexes(db: Db, { name, indexes }: CollectionShape): Promise<void> {
  if (indexes.length > 0) await db.collection(name).createIndexes([...indexes]);
}

/** The collections that hold anything. */
export async function filledCollections(db: Db): Promise<string[]> {
  const filled: string[] = [];
  for (const { name } of await collectionShapes(db)) {
    if (await db.collection(name).findOne({}, { projection: { _id: 1 } })) filled.push(name);
  }
  return filled;
}
