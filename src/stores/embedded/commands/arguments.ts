import { encodeKey } from '../bson/keyEncoding.js';
import { type Doc, isDocument, plain, type Value } from '../bson/value.js';
import { badValue, CommandError, failedToParse, notSupported, typeMismatch } from '../errors.js';
import type { Collection, Index } from '../storage/collection.js';
import { assertNamespace } from '../storage/storage.js';
import type { CommandContext } from './context.js';

/** `database.collection` of a command whose first field names the collection. @throws CommandError InvalidNamespace */
export function namespaceOf(request: Doc, context: CommandContext): string {
  const [command] = Object.keys(request);
  const name = request[command as string];
  if (typeof name !== 'string') throw new CommandError(73, `collection name has invalid type in ${command}`);
  const namespace = `${context.database}.${name}`;
  assertNamespace(namespace);
  return namespace;
}

/** An optional document. */
export function documentOf(value: Value, name: string): Doc {
  if (value === undefined || value === null) return {};
  if (!isDocument(value))
    throw typeMismatch(`BSON field '${name}' is the wrong type, expected type 'object'`);
  return value;
}

/** An array of documents. */
export function documentsOf(value: Value, name: string): Doc[] {
  if (!Array.isArray(value) || !value.every(isDocument)) {
    throw typeMismatch(`BSON field '${name}' is the wrong type, expected an array of objects`);
  }
  return value;
}

/** An optional whole number that is not negative. */
export function countOf(value: Value, name: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = plain(value);
  if (typeof number !== 'number')
    throw typeMismatch(`BSON field '${name}' is the wrong type, expected a number`);
  if (number < 0)
    throw new CommandError(51024, `BSON field '${name}' value must be >= 0, actual value '${number}'`);
  return Math.trunc(number);
}

export function flagOf(value: Value): boolean {
  const given = plain(value);
  return given === true || (typeof given === 'number' && given !== 0);
}

/** A collation other than the simple one would change comparisons, so it is refused. */
export function assertSimpleCollation(value: Value): void {
  if (value === undefined || value === null) return;
  const { locale } = documentOf(value, 'collation');
  if (locale !== 'simple') throw notSupported(`the collation ${String(locale)}`);
}

/** The index that a hint names, null for `$natural`. @throws CommandError BadValue when there is none */
export function hintOf(value: Value, collection: Collection | undefined): Index | null | undefined {
  if (value === undefined || value === null) return undefined;
  if (!collection) return undefined;
  if (typeof value !== 'string' && !isDocument(value))
    throw failedToParse('hint must be an index name or a key pattern');
  if (isDocument(value) && Object.keys(value).length === 0) return undefined;
  if (isDocument(value) && '$natural' in value) {
    if (plain(value.$natural) !== 1) throw notSupported('a hint of $natural: -1');
    return null;
  }
  const found = collection.indexes.find((index) =>
    typeof value === 'string' ? index.name === value : encodeKey(index.spec.key).equals(encodeKey(value)),
  );
  if (!found)
    throw badValue('error processing query: hint provided does not correspond to an existing index');
  return found;
}
