import { compareValues } from '../bson/compare.js';
import { type Doc, fieldsOf, getOwn, isDocument, MISSING, plain, type Value } from '../bson/value.js';
import { badValue, CommandError, notSupported } from '../errors.js';

export interface SortField {
  readonly path: string;
  readonly direction: 1 | -1;
}

/** @throws CommandError for directions other than 1 and -1, and for `$meta`. */
export function parseSort(sort: Doc): SortField[] {
  return Object.entries(sort).map(([path, value]) => {
    if (isDocument(value)) throw notSupported('sorting by $meta');
    const direction = plain(value);
    if (direction !== 1 && direction !== -1) {
      throw new CommandError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
    }
    if (path === '' || path.split('.').includes(''))
      throw badValue('FieldPath field names may not be empty strings.');
    return { path, direction };
  });
}

/** Sorts documents; an array counts by its smallest element ascending, by its greatest descending. */
export function sortDocuments<T>(
  items: readonly T[],
  fields: readonly SortField[],
  documentOf: (item: T) => Doc,
): T[] {
  const keyed = items.map((item) => ({
    item,
    keys: fields.map((field) => sortKey(documentOf(item), field)),
  }));
  keyed.sort((left, right) => compareKeys(left.keys, right.keys, fields));
  return keyed.map((entry) => entry.item);
}

function compareKeys(left: readonly Value[], right: readonly Value[], fields: readonly SortField[]): number {
  for (let i = 0; i < fields.length; i++) {
    const difference = compareValues(left[i], right[i]);
    if (difference !== 0) return difference * (fields[i] as SortField).direction;
  }
  return 0;
}

function sortKey(document: Doc, field: SortField): Value {
  const candidates: Value[] = [];
  collect(document, field.path.split('.'), 0, candidates);
  let best: Value = MISSING;
  let found = false;
  for (const candidate of candidates) {
    if (!found || compareValues(candidate, best) * field.direction < 0) best = candidate;
    found = true;
  }
  return best;
}

function collect(value: Value, parts: readonly string[], at: number, into: Value[]): void {
  if (at === parts.length) {
    if (!Array.isArray(value)) into.push(value);
    // An empty array sorts before null.
    else if (value.length === 0) into.push(undefined);
    else into.push(...value);
    return;
  }
  if (Array.isArray(value)) {
    const part = parts[at] as string;
    if (/^\d+$/.test(part) && Number(part) < value.length) collect(value[Number(part)], parts, at + 1, into);
    else for (const element of value) collect(isDocument(element) ? element : MISSING, parts, at, into);
    return;
  }
  if (!isDocument(value)) into.push(MISSING);
  else collect(getOwn(fieldsOf(value), parts[at] as string), parts, at + 1, into);
}
