import { type Doc, fieldsOf, getOwn, isDocument, MISSING, type Value } from '../bson/value.js';

/** The values at a path, through arrays, with the elements of a final array one by one: what `distinct` counts. */
export function valuesAt(document: Doc, path: string): Value[] {
  const values: Value[] = [];
  collect(document, path.split('.'), 0, values);
  return values;
}

function collect(value: Value, parts: readonly string[], at: number, into: Value[]): void {
  if (at === parts.length) {
    if (Array.isArray(value)) into.push(...value);
    else if (value !== MISSING) into.push(value);
    return;
  }
  const part = parts[at] as string;
  if (isDocument(value)) collect(getOwn(fieldsOf(value), part), parts, at + 1, into);
  if (!Array.isArray(value)) return;
  if (/^\d+$/.test(part) && Number(part) < value.length) collect(value[Number(part)], parts, at + 1, into);
  for (const element of value) if (isDocument(element)) collect(element, parts, at, into);
}
