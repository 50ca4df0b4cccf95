import { Long } from 'bson';
import { clone, type Doc, getOwn, isDocument, MISSING, setOwn, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';

const KNOWN = new Set(['path', 'includeArrayIndex', 'preserveNullAndEmptyArrays']);

/** `$unwind`: one document per element. */
export function compileUnwind(specification: Value): (document: Doc) => Doc[] {
  const options: Doc = isDocument(specification) ? specification : { path: specification };
  const unknown = Object.keys(options).find((key) => !KNOWN.has(key));
  if (unknown) throw new CommandError(28811, `unrecognized option to $unwind stage: ${unknown}`);
  const { path, includeArrayIndex: indexField, preserveNullAndEmptyArrays: preserve } = options;
  if (typeof path !== 'string' || !path.startsWith('$')) {
    throw new CommandError(28818, "path option to $unwind stage should be prefixed with a '$'");
  }
  const parts = path.slice(1).split('.');
  return (document) => {
    const value = at(document, parts);
    const withIndex = (result: Doc, index: Value) => {
      if (typeof indexField === 'string') setOwn(result, indexField, index);
      return result;
    };
    if (Array.isArray(value) && value.length > 0) {
      return value.map((element, i) => withIndex(replaced(document, parts, element), Long.fromNumber(i)));
    }
    const empty = value === MISSING || value === null || Array.isArray(value);
    if (!empty) return [withIndex(clone(document), null)];
    if (preserve !== true) return [];
    return [withIndex(Array.isArray(value) ? replaced(document, parts, MISSING) : clone(document), null)];
  };
}

function at(document: Doc, parts: readonly string[]): Value {
  let value: Value = document;
  for (const part of parts) {
    if (!isDocument(value)) return MISSING;
    value = getOwn(value, part);
  }
  return value;
}

function replaced(document: Doc, parts: readonly string[], element: Value): Doc {
  const result = clone(document);
  let container = result;
  for (const part of parts.slice(0, -1)) container = container[part] as Doc;
  const last = parts.at(-1) as string;
  if (element === MISSING) delete container[last];
  else setOwn(container, last, element);
  return result;
}
