import type { Model, Schema } from 'mongoose';
import { readTogether } from './readTogether.js';

/** For so long another process's write may go unseen. */
export const RECENT_MILLISECONDS = 900;
const MOST_REMEMBERED = 1000;

interface Remembered {
  readonly document: unknown;
  readonly select: string;
  readonly readAt: number;
}

interface Memory {
  readonly documents: Map<string, Remembered>;
  /** Grows before and after each write: what was read meanwhile may be from before it. */
  writes: number;
}

const memories = new WeakMap<object, Memory>();

/**
 * As `readTogether`, but may answer with what was read during the last 0.9 seconds: only for models whose schema
 * `forgetOnWrite` has seen, so that a write of this process is seen by the next call. What is not there is never
 * remembered. Read the object, never write to it: others get the same one.
 */
export async function readRecently<T extends { _id: string }>(
  model: Model<T>,
  id: string,
  select = '',
): Promise<T | null> {
  const { documents } = memoryOf(model);
  const known = documents.get(id);
  if (known?.select === select && performance.now() - known.readAt < RECENT_MILLISECONDS) {
    return known.document as T;
  }
  const { writes } = memoryOf(model);
  const readAt = performance.now();
  const document = await readTogether(model, id, select);
  if (document !== null && writes === memoryOf(model).writes) {
    if (documents.size >= MOST_REMEMBERED) documents.clear();
    documents.set(id, { document, select, readAt });
  }
  return document;
}

/** Makes every write of a model of this schema, by whatever method, end what `readRecently` remembers. */
export function forgetOnWrite<T>(schema: Schema<T>): void {
  const queries = ['updateOne', 'updateMany', 'replaceOne', 'deleteOne', 'deleteMany'] as const;
  const swaps = ['findOneAndUpdate', 'findOneAndReplace', 'findOneAndDelete'] as const;
  for (const name of [...queries, ...swaps] as const) {
    const forgetThat = function (this: { model: object; getFilter(): { _id?: unknown } }) {
      forget(this.model, this.getFilter()._id);
    };
    schema.pre(name as 'updateOne', forgetThat);
    schema.post(name as 'updateOne', forgetThat);
  }
  const forgetAll = function (this: object) {
    forget(this, undefined);
  };
  for (const name of ['insertMany', 'bulkWrite'] as const) {
    schema.pre(name as 'insertMany', forgetAll);
    schema.post(name as 'insertMany', forgetAll);
  }
  const forgetDocument = function (this: { constructor: object; _id?: unknown }) {
    forget(this.constructor, this._id);
  };
  schema.pre('save', forgetDocument);
  schema.post('save', forgetDocument);
}

function forget(model: object, id: unknown): void {
  const memory = memoryOf(model);
  memory.writes += 1;
  if (typeof id === 'string') memory.documents.delete(id);
  else memory.documents.clear();
}

function memoryOf(model: object): Memory {
  const known = memories.get(model) ?? { documents: new Map<string, Remembered>(), writes: 0 };
  memories.set(model, known);
  return known;
}
