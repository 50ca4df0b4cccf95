import { createHash } from 'node:crypto';
import { encodeKey, invertKey } from '../bson/keyEncoding.js';
import { type Doc, fieldsOf, getOwn, isDocument, MISSING, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';

export interface IndexField {
  readonly path: string;
  readonly direction: 1 | -1;
}

/** The longest index key that is stored as it is, in bytes (the storage allows 1978 with prefix and record id). */
export const MAX_KEY_BYTES = 1800;

export interface IndexKey {
  readonly bytes: Buffer;
  readonly values: readonly Value[];
}

export interface IndexKeys {
  readonly keys: readonly IndexKey[];
  readonly multikey: boolean;
  /** A key was cut: the index finds it by equality, but no longer gives the exact order. */
  readonly truncated: boolean;
}

interface Cursor {
  readonly value: Value;
  readonly rest: readonly string[];
  /** An element of the expanded array: it is not expanded again. */
  readonly expanded: boolean;
}

/**
 * Every key that a document has in an index: one per element of the array on its paths, none for a sparse index
 * when all fields are missing.
 * @throws CommandError CannotIndexParallelArrays
 */
export function indexKeysOf(document: Doc, fields: readonly IndexField[], sparse: boolean): IndexKeys {
  const start = fields.map(
    (field): Cursor => ({ value: document, rest: field.path.split('.'), expanded: false }),
  );
  const rows: Value[][] = [];
  const multikey = expand(start, rows);
  const keys = new Map<string, IndexKey>();
  let truncated = false;
  for (const values of rows) {
    if (sparse && values.every((value) => value === MISSING)) continue;
    const encoded = joinKey(
      values.map((value, i) => encodeField(value, (fields[i] as IndexField).direction)),
    );
    truncated ||= encoded.truncated;
    keys.set(encoded.bytes.toString('latin1'), { bytes: encoded.bytes, values });
  }
  return { keys: [...keys.values()], multikey, truncated };
}

/** The key part of one field. */
export function encodeField(value: Value, direction: 1 | -1): Buffer {
  const ascending = encodeKey(value);
  return direction === 1 ? ascending : invertKey(ascending);
}

/** Concatenates key parts; what is too long becomes its beginning and a hash of the whole. */
export function joinKey(parts: readonly Buffer[]): { bytes: Buffer; truncated: boolean } {
  const bytes = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  if (bytes.length <= MAX_KEY_BYTES) return { bytes, truncated: false };
  const digest = createHash('sha256').update(bytes).digest();
  return {
    bytes: Buffer.concat([bytes.subarray(0, MAX_KEY_BYTES - digest.length), digest]),
    truncated: true,
  };
}

function expand(cursors: readonly Cursor[], rows: Value[][]): boolean {
  const walked = cursors.map(walk);
  const arrays = new Set(walked.filter(isExpandable).map((cursor) => cursor.value as Value[]));
  if (arrays.size > 1) throw new CommandError(171, 'cannot index parallel arrays');
  const [array] = arrays;
  if (!array) {
    rows.push(walked.map((cursor) => (cursor.rest.length > 0 ? MISSING : cursor.value)));
    return false;
  }
  const replace = (element: (cursor: Cursor) => Value) =>
    walked.map((cursor) =>
      isExpandable(cursor) && cursor.value === array
        ? { value: element(cursor), rest: cursor.rest, expanded: true }
        : cursor,
    );
  if (array.length === 0)
    expand(
      replace((cursor) => (cursor.rest.length > 0 ? MISSING : undefined)),
      rows,
    );
  for (const element of array)
    expand(
      replace(() => element),
      rows,
    );
  return true;
}

const isExpandable = (cursor: Cursor) => Array.isArray(cursor.value) && !cursor.expanded;

function walk(cursor: Cursor): Cursor {
  let { value, expanded } = cursor;
  let at = 0;
  for (; at < cursor.rest.length; at++) {
    const part = cursor.rest[at] as string;
    if (isDocument(value)) value = getOwn(fieldsOf(value), part);
    else if (Array.isArray(value) && /^\d+$/.test(part) && Number(part) < value.length)
      value = value[Number(part)];
    else if (Array.isArray(value) && !expanded) break;
    else return { value: MISSING, rest: [], expanded };
    expanded = false;
  }
  return { value, rest: cursor.rest.slice(at), expanded };
}
