import { type GraphQLInputObjectType, getNamedType } from 'graphql';
import type { Catalog } from '../../policies/catalog.js';
import { parseGlobalId } from '../../schema/globalId.js';
import type { Demand } from './marks.js';
import { valueAt } from './target.js';

/** What a mutation writes: the fields named in its input, and the stored object as it would be afterwards. */
export interface Writes {
  readonly fields: readonly string[];
  readonly after: object;
}

/** Reads the writes of one call; `before` null: create. */
export type ReadWrites = (args: Record<string, unknown>, before: object | null) => Writes;

/** `input` is the type at the demand's `writes.path`. */
export function writesReader(
  catalog: Catalog,
  demand: Demand,
  input: GraphQLInputObjectType | null,
): ReadWrites {
  const { subject, writes } = demand;
  const known = catalog.subjects.get(subject)?.fields;
  const ignored = new Set(writes?.ignore);
  const ids = new Set(
    Object.entries(input?.getFields() ?? {}).flatMap(([key, field]) =>
      getNamedType(field.type).name === 'ID' ? [key] : [],
    ),
  );
  return (args, before) => {
    const given = writes === undefined ? null : valueAt(args, writes.path);
    const fields: string[] = [];
    let after: Record<string, unknown> = { ...before };
    for (const [key, value] of Object.entries(given ?? {})) {
      if (ignored.has(key) || value === undefined) continue;
      fields.push(key);
      const path = known?.get(key)?.path ?? null;
      if (path !== null) after = withValue(after, path.split('.'), ids.has(key) ? stored(value) : value);
    }
    return { fields, after };
  };
}

/** Conditions compare stored ids. */
function stored(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stored);
  return typeof value === 'string' ? (parseGlobalId(value)?.id ?? value) : value;
}

/** A copy with the value set; a list at a path of two levels is a list of documents that hold one value each. */
function withValue(
  object: Record<string, unknown>,
  [level = '', ...rest]: readonly string[],
  value: unknown,
): Record<string, unknown> {
  if (rest.length === 0) return { ...object, [level]: value };
  if (Array.isArray(value)) {
    return { ...object, [level]: value.map((item) => (isPlain(item) ? item : withValue({}, rest, item))) };
  }
  const inner = object[level];
  return { ...object, [level]: withValue(isPlain(inner) ? inner : {}, rest, value) };
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
