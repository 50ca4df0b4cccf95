import type { Model } from 'mongoose';

/** The model, where something happens after each read by id (`readTogether`) and before its reader learns what was read. */
export function afterRead<T>(model: Model<T>, happens: () => Promise<void>): Model<T> {
  const collection = replacing(
    model.collection,
    'find',
    (...parameters: Parameters<typeof model.collection.find>) => ({
      async toArray() {
        const found = await model.collection.find(...parameters).toArray();
        await happens();
        return found;
      },
    }),
  );
  return replacing(model, 'collection', collection);
}

function replacing<T extends object>(target: T, name: keyof T, replacement: unknown): T {
  return new Proxy(target, {
    get: (of, key, receiver) => (key === name ? replacement : (Reflect.get(of, key, receiver) as unknown)),
  });
}
