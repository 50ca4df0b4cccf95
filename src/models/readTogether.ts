import DataLoader from 'dataloader';
import type { Model } from 'mongoose';

const MOST_AT_ONCE = 100;

type Reader<T> = DataLoader<string, T | null>;
const readers = new WeakMap<object, Map<string, Reader<unknown>>>();

/**
 * The document with the id, as it is stored after this call; null where there is none. Whatever requests of the same
 * turn of the event loop ask for, of one collection, is one query: a busy process sends fewer and larger ones.
 * Who asks for the same id in the same turn gets the same object: read it, never write to it. `select` adds what the
 * schema leaves out (`+secrets`).
 */
export function readTogether<T extends { _id: string }>(
  model: Model<T>,
  id: string,
  select = '',
): Promise<T | null> {
  const ofModel = readers.get(model) ?? new Map<string, Reader<unknown>>();
  readers.set(model, ofModel);
  const known = ofModel.get(select) as Reader<T> | undefined;
  const reader = known ?? readerOf(model, select);
  if (known === undefined) ofModel.set(select, reader);
  return reader.load(id);
}

function readerOf<T extends { _id: string }>(model: Model<T>, select: string): Reader<T> {
  return new DataLoader((ids) => readAll(model, select, ids), {
    // Nothing is remembered: each call reads what is stored now.
    cache: false,
    maxBatchSize: MOST_AT_ONCE,
    batchScheduleFn: (run) => setImmediate(run),
  });
}

async function readAll<T extends { _id: string }>(
  model: Model<T>,
  select: string,
  ids: readonly string[],
): Promise<(T | null)[]> {
  const different = [...new Set(ids)];
  const found = await readEach(model, select, different);
  const byId = new Map<string, T>(found.map((document) => [document._id, document]));
  return ids.map((id) => byId.get(id) ?? null);
}

async function readEach<T extends { _id: string }>(
  model: Model<T>,
  select: string,
  ids: readonly string[],
): Promise<T[]> {
  const [only, ...others] = ids;
  if (others.length > 0) {
    const many: unknown = await model
      .find({ _id: { $in: ids } } as object)
      .select(select)
      .lean();
    return many as T[];
  }
  const found: unknown = await model
    .findOne({ _id: only } as object)
    .select(select)
    .lean();
  return found === null ? [] : [found as T];
}
