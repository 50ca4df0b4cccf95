import { encodeKey } from '../bson/keyEncoding.js';
import { type Doc, isDocument, plain, type Value } from '../bson/value.js';
import { CommandError, notSupported, typeMismatch } from '../errors.js';
import type { ExpressionCompiler } from '../query/parse.js';
import { parseQuery } from '../query/parse.js';
import type { Index } from './collection.js';

const KNOWN_OPTIONS = new Set([
  'v',
  'key',
  'name',
  'unique',
  'sparse',
  'partialFilterExpression',
  'expireAfterSeconds',
  'background',
  'ns',
  'hidden',
]);
const PARTIAL_OPERATORS = new Set([
  '$eq',
  '$exists',
  '$gt',
  '$gte',
  '$lt',
  '$lte',
  '$type',
  '$and',
  '$or',
  '$in',
]);

/**
 * Checks an index specification by an allow-list and completes it as the server stores it.
 * @throws CommandError CannotCreateIndex, InvalidOptions, NotImplemented
 */
export function normalizeIndexSpec(given: Doc): Doc {
  for (const option of Object.keys(given)) {
    if (!KNOWN_OPTIONS.has(option)) throw notSupported(`the index option ${option}`);
  }
  if (!isDocument(given.key)) throw typeMismatch('The field key must be an object');
  const key = given.key;
  if (Object.keys(key).length === 0) throw cannotCreate('Index keys cannot be an empty object');
  for (const [path, direction] of Object.entries(key)) assertField(path, direction);
  if (plain(given.hidden) === true) throw notSupported('the index option hidden');
  const spec: Doc = { v: 2, key, name: given.name ?? defaultName(key) };
  if (typeof spec.name !== 'string' || spec.name === '')
    throw cannotCreate('The index name must be a non-empty string');
  if (isSet(given.unique)) spec.unique = true;
  if (isSet(given.sparse)) spec.sparse = true;
  if (given.partialFilterExpression !== undefined) {
    if (!isDocument(given.partialFilterExpression))
      throw typeMismatch('partialFilterExpression must be an object');
    if (spec.sparse) throw cannotCreate('cannot mix "partialFilterExpression" and "sparse" options');
    assertPartial(given.partialFilterExpression);
    spec.partialFilterExpression = given.partialFilterExpression;
  }
  if (given.expireAfterSeconds !== undefined) {
    const seconds = plain(given.expireAfterSeconds);
    if (typeof seconds !== 'number') throw cannotCreate('TTL index expireAfterSeconds must be numeric');
    if (seconds < 0 || seconds > 2 ** 31 - 1)
      throw cannotCreate('TTL index expireAfterSeconds is out of range');
    if (Object.keys(key).length > 1)
      throw cannotCreate('TTL indexes are single-field indexes, compound indexes do not support TTL');
    spec.expireAfterSeconds = given.expireAfterSeconds;
  }
  return spec;
}

const cannotCreate = (message: string) => new CommandError(67, message);
const isSet = (value: Value) =>
  value !== undefined && value !== null && plain(value) !== false && plain(value) !== 0;

function assertField(path: string, direction: Value): void {
  const number = plain(direction);
  if (typeof number === 'string') throw notSupported(`an index of the kind "${number}"`);
  if (typeof number !== 'number' || number === 0 || Number.isNaN(number)) {
    throw cannotCreate(`Values in v:2 index key pattern cannot be of this kind for ${path}`);
  }
  if (path === '' || path.split('.').includes(''))
    throw cannotCreate('Index keys cannot contain an empty field.');
  if (path.includes('$**')) throw notSupported('a wildcard index');
  if (path.split('.').some((part) => part.startsWith('$'))) {
    throw cannotCreate("Index key contains an illegal field name: field name starts with '$'.");
  }
}

function assertPartial(filter: Doc): void {
  for (const [key, value] of Object.entries(filter)) {
    if (key.startsWith('$') && !PARTIAL_OPERATORS.has(key)) {
      throw cannotCreate(`unsupported expression in partial index: ${key}`);
    }
    if (Array.isArray(value) && (key === '$and' || key === '$or')) {
      for (const entry of value) if (isDocument(entry)) assertPartial(entry);
    } else if (isDocument(value) && Object.keys(value)[0]?.startsWith('$')) {
      if (value.$exists !== undefined && plain(value.$exists) !== true && plain(value.$exists) !== 1) {
        throw cannotCreate('unsupported expression in partial index: $not $exists');
      }
      assertPartial(value);
    }
  }
}

function defaultName(key: Doc): string {
  return Object.entries(key)
    .map(([path, direction]) => `${path}_${String(plain(direction))}`)
    .join('_');
}

/** An index that works, from a completed specification. */
export function indexFromSpec(
  id: number,
  spec: Doc,
  flags: { multikey: boolean; truncated: boolean },
  compileExpression: ExpressionCompiler,
): Index {
  const key = spec.key as Doc;
  const filter = spec.partialFilterExpression as Doc | undefined;
  return {
    id,
    name: spec.name as string,
    spec,
    fields: Object.entries(key).map(([path, value]) => ({
      path,
      direction: Number(plain(value)) < 0 ? -1 : 1,
    })),
    unique: spec.unique === true || spec.name === '_id_',
    sparse: spec.sparse === true,
    filter: filter ? parseQuery(filter, compileExpression) : null,
    expireAfterSeconds: spec.expireAfterSeconds === undefined ? null : Number(plain(spec.expireAfterSeconds)),
    ...flags,
  };
}

/** Whether two specifications say the same, whatever the wire type of their numbers. */
export function sameSpec(left: Doc, right: Doc): boolean {
  const normal = (spec: Doc) => ({
    ...spec,
    v: 2,
    unique: spec.unique ?? false,
    sparse: spec.sparse ?? false,
  });
  const sorted = (spec: Doc) =>
    Object.fromEntries(Object.entries(normal(spec)).sort(([a], [b]) => (a < b ? -1 : 1)));
  return encodeKey(sorted(left)).equals(encodeKey(sorted(right)));
}
