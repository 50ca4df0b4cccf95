import { randomBytes } from 'node:crypto';
import { type Doc, decode, encode } from '../bson/value.js';
import { CommandError } from '../errors.js';
import type { ExpressionCompiler } from '../query/parse.js';
import type { Collection } from './collection.js';
import { type DataFile, openDataFile } from './dataFile.js';
import { indexFromSpec } from './indexSpec.js';
import { afterPrefix, COLLECTION_PREFIX, collectionKey, documentPrefix, recordIdOf } from './layout.js';

/** The data file and what is known of its collections. */
export class Storage {
  readonly data: DataFile;
  readonly compileExpression: ExpressionCompiler;
  private collections = new Map<string, Collection>();
  private nextId = 1;
  private undo: (() => void)[] = [];
  private failure: unknown = null;

  private constructor(data: DataFile, compileExpression: ExpressionCompiler) {
    this.data = data;
    this.compileExpression = compileExpression;
  }

  /** @throws DataFileError */
  static async open(folder: string, compileExpression: ExpressionCompiler): Promise<Storage> {
    const storage = new Storage(await openDataFile(folder), compileExpression);
    storage.loadCatalog();
    return storage;
  }

  /**
   * Runs one statement in a transaction of its own: all of its writes or, when it throws, none. Resolves when they
   * are on disk. Statements run one after the other, so what a statement has read stays true until it has written.
   * Those that wait at the same time share a commit.
   * @throws CommandError when the disk has refused a commit: nothing more is written until a restart
   */
  async write<T>(statement: () => T): Promise<T> {
    if (this.failure) throw writeFailed(this.failure);
    let refused = false;
    try {
      return await this.data.childTransaction(() => {
        this.undo = [];
        try {
          return statement();
        } catch (error) {
          refused = true;
          for (const restore of this.undo.reverse()) restore();
          throw error;
        }
      });
    } catch (error) {
      if (refused) throw error;
      // What is in memory may be ahead of the file now, so it must not be built upon.
      this.failure = error;
      this.failure = await causeOf(error);
      throw writeFailed(this.failure);
    }
  }

  /** Says how to take back a change in memory, should the running statement throw. */
  onUndo(restore: () => void): void {
    this.undo.push(restore);
  }

  find(namespace: string): Collection | undefined {
    return this.collections.get(namespace);
  }

  all(): Collection[] {
    return [...this.collections.values()];
  }

  /** Adds an id that no collection or index has; only inside `write`. */
  takeId(): number {
    return this.nextId++;
  }

  /** Stores the collection's record; only inside `write`. */
  save(collection: Collection): void {
    const record: Doc = {
      id: collection.id,
      options: collection.options,
      uuid: collection.uuid,
      indexes: collection.indexes.map(({ id, spec, multikey, truncated }) => ({
        id,
        spec,
        multikey,
        truncated,
      })),
    };
    void this.data.put(collectionKey(collection.namespace), encode(record));
    this.restoreLater(collection.namespace);
    this.collections.set(collection.namespace, collection);
  }

  /** Forgets the collection's record; only inside `write`. */
  forget(collection: Collection): void {
    void this.data.remove(collectionKey(collection.namespace));
    this.restoreLater(collection.namespace);
    this.collections.delete(collection.namespace);
  }

  /** The collection, created with its `_id` index if need be; only inside `write`. */
  ensure(namespace: string, options: Doc = {}): Collection {
    const known = this.collections.get(namespace);
    if (known) return known;
    assertNamespace(namespace);
    const spec = { v: 2, key: { _id: 1 }, name: '_id_' };
    const flags = { multikey: false, truncated: false };
    const collection: Collection = {
      namespace,
      id: this.takeId(),
      options,
      uuid: randomBytes(16),
      indexes: [indexFromSpec(this.takeId(), spec, flags, this.compileExpression)],
      nextRecordId: 1,
    };
    this.save(collection);
    return collection;
  }

  async close(): Promise<void> {
    await this.data.close();
  }

  private restoreLater(namespace: string): void {
    const before = this.collections.get(namespace);
    this.onUndo(() => {
      if (before) this.collections.set(namespace, before);
      else this.collections.delete(namespace);
    });
  }

  private loadCatalog(): void {
    const prefix = Buffer.from([COLLECTION_PREFIX]);
    for (const { key, value } of this.data.getRange({ start: prefix, end: afterPrefix(prefix) })) {
      const record = decode(value) as unknown as StoredCollection;
      const namespace = key.subarray(1).toString();
      const indexes = record.indexes.map((entry) => {
        const { multikey, truncated } = entry;
        return indexFromSpec(entry.id.value, entry.spec, { multikey, truncated }, this.compileExpression);
      });
      this.collections.set(namespace, {
        namespace,
        id: record.id.value,
        options: record.options,
        uuid: Buffer.from(record.uuid.value()),
        indexes,
        nextRecordId: this.lastRecordId(record.id.value) + 1,
      });
      this.nextId = Math.max(this.nextId, record.id.value + 1, ...indexes.map((index) => index.id + 1));
    }
  }

  private lastRecordId(collectionId: number): number {
    const prefix = documentPrefix(collectionId);
    for (const key of this.data.getKeys({
      start: afterPrefix(prefix),
      end: prefix,
      reverse: true,
      limit: 1,
    })) {
      return recordIdOf(key);
    }
    return 0;
  }
}

/** LMDB tells why beside the refusal, in a promise that would end the process if nobody asked it. */
async function causeOf(refusal: unknown): Promise<unknown> {
  try {
    await (refusal as { commitError?: Promise<never> }).commitError;
    return refusal;
  } catch (cause) {
    return cause;
  }
}

function writeFailed(cause: unknown): CommandError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new CommandError(1, `the data file could not be written (${detail}); free the disk and restart`);
}

interface StoredCollection {
  readonly id: { value: number };
  readonly options: Doc;
  readonly uuid: { value(): Uint8Array };
  readonly indexes: { id: { value: number }; spec: Doc; multikey: boolean; truncated: boolean }[];
}

/** @throws CommandError InvalidNamespace */
export function assertNamespace(namespace: string): void {
  const dot = namespace.indexOf('.');
  const database = namespace.slice(0, dot);
  const name = namespace.slice(dot + 1);
  // Letters, digits, dashes and underscores, and no longer than a key may be.
  const valid =
    dot > 0 && name !== '' && !name.startsWith('.') && !/[\0$]/.test(name) && !/[\0/\\ "$]/.test(database);
  if (!valid || Buffer.byteLength(namespace) > 255 || database.length > 63) {
    throw new CommandError(73, `Invalid namespace specified '${namespace}'`);
  }
}
