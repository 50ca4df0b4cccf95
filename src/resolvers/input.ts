/** Keys that were given, as plain data: type-graphql's instances own a key for every field, given or not. */
export type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** A plain copy of an input without the keys that were left out; null stays, it clears. */
export function givenOf<T extends object>(input: T): Given<T> {
  return plain(input) as Given<T>;
}

/** A plain copy without the keys that were left out or null: for optional values where null means nothing. */
export function setOf<T extends object>(input: T): { [K in keyof T]: Exclude<T[K], undefined | null> } {
  const entries = Object.entries(givenOf(input)).filter(([, value]) => value !== null);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined | null> };
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .map(([key, entry]) => [key, plain(entry)]),
  );
}
