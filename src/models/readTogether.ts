import DataLoader from 'dataloader';
import type { Model, Schema } from 'mongoose';

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
  const projection = withoutHidden(model.schema, select);
  return new DataLoader((ids) => readAll(model, projection, ids), {
    // Nothing is remembered: each call reads what is stored now.
    cache: false,
    maxBatchSize: MOST_AT_ONCE,
    batchScheduleFn: (run) => setImmediate(run),
  });
}

/**
 * By the driver: of a lean read of known ids mongoose is a third, and adds nothing to it. `$in` compares with values
 * alone, so no id is ever taken for an operator.
 */
async function readAll<T extends { _id: string }>(
  { collection }: Model<T>,
  projection: Projection,
  ids: readonly string[],
): Promise<(T | null)[]> {
  const filter: object = { _id: { $in: [...new Set(ids)] } };
  const found: unknown = await collection.find(filter, { projection }).toArray();
  const byId = new Map((found as T[]).map((document) => [document._id, document]));
  return ids.map((id) => byId.get(id) ?? null);
}

type Projection = Readonly<Record<string, 0>>;

/** Leaves out what the schema does (`select: false`), but for what `select` adds. */
function withoutHidden(schema: Schema, select: string): Projection {
  const added = select.split(' ');
  const hidden = Object.entries(schema.paths).filter(([, { options }]) => options['select'] === false);
  return Object.fromEntries(hidden.flatMap(([path]) => (added.includes(`+${path}`) ? [] : [[path, 0]])));
}
