import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  DBRef,
  Decimal128,
  Double,
  deserialize,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  serialize,
  Timestamp,
} from 'bson';

/** Any BSON value in the engine's working form: numbers keep their wire type as Int32, Double, Long or Decimal128. */
export type Value = unknown;
export type Doc = Record<string, unknown>;

/** The largest document that is stored or sent, in bytes. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** Reads BSON without losing a number's wire type. */
export function decode(bytes: Uint8Array): Doc {
  return deserialize(bytes, { promoteValues: false, promoteBuffers: false, bsonRegExp: true });
}

export function encode(document: Doc): Buffer {
  return serialize(document, { ignoreUndefined: false }) as Buffer;
}

/** The canonical order of types in comparisons and sorts; missing sorts as null. */
export const TypeOrder = {
  minKey: 1,
  undefined: 2,
  null: 3,
  number: 4,
  string: 5,
  object: 6,
  array: 7,
  binary: 8,
  objectId: 9,
  boolean: 10,
  date: 11,
  timestamp: 12,
  regex: 13,
  dbPointer: 14,
  code: 15,
  codeWithScope: 16,
  maxKey: 17,
} as const;

/** Stands for a field that is not there. */
export const MISSING = Symbol('missing');

const BY_BSON_TYPE: Readonly<Record<string, number>> = {
  Int32: TypeOrder.number,
  Double: TypeOrder.number,
  Long: TypeOrder.number,
  Decimal128: TypeOrder.number,
  ObjectId: TypeOrder.objectId,
  Binary: TypeOrder.binary,
  Timestamp: TypeOrder.timestamp,
  BSONRegExp: TypeOrder.regex,
  BSONSymbol: TypeOrder.string,
  DBRef: TypeOrder.object,
  MinKey: TypeOrder.minKey,
  MaxKey: TypeOrder.maxKey,
};

/** The bracket of a value: only values of one bracket satisfy a range operator. */
export function typeOrder(value: Value): number {
  if (value === null || value === MISSING) return TypeOrder.null;
  switch (typeof value) {
    case 'undefined':
      return TypeOrder.undefined;
    case 'string':
      return TypeOrder.string;
    case 'boolean':
      return TypeOrder.boolean;
    case 'number':
    case 'bigint':
      return TypeOrder.number;
    default:
  }
  if (Array.isArray(value)) return TypeOrder.array;
  if (value instanceof Date) return TypeOrder.date;
  if (value instanceof Code) return value.scope ? TypeOrder.codeWithScope : TypeOrder.code;
  const bsonType = (value as { _bsontype?: string })._bsontype;
  return bsonType === undefined ? TypeOrder.object : (BY_BSON_TYPE[bsonType] ?? TypeOrder.object);
}

/** True for an embedded document, false for every other value including arrays and BSON's own classes. */
export function isDocument(value: Value): value is Doc {
  return typeOrder(value) === TypeOrder.object;
}

/** A DBRef is a document with `$ref`, `$id` and `$db` in this order; everything else is its own document. */
export function fieldsOf(value: Doc): Doc {
  if (!(value instanceof DBRef)) return value;
  return { $ref: value.collection, $id: value.oid, ...(value.db ? { $db: value.db } : {}), ...value.fields };
}

/** The name and number of each type, as `$type` takes them. */
export const TYPE_CODES: Readonly<Record<string, number>> = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
};

/** The number of a value's exact BSON type. */
export function typeCode(value: Value): number {
  if (value instanceof Double) return 1;
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? 16 : 1;
  if (typeof value === 'string') return 2;
  if (Array.isArray(value)) return 4;
  if (value instanceof Binary) return 5;
  if (value === undefined) return 6;
  if (value instanceof ObjectId) return 7;
  if (typeof value === 'boolean') return 8;
  if (value instanceof Date) return 9;
  if (value === null) return 10;
  if (value instanceof BSONRegExp) return 11;
  if (value instanceof Code) return value.scope ? 15 : 13;
  if (value instanceof BSONSymbol) return 14;
  if (value instanceof Int32) return 16;
  if (value instanceof Timestamp) return 17;
  if (value instanceof Long) return 18;
  if (value instanceof Decimal128) return 19;
  if (value instanceof MinKey) return -1;
  if (value instanceof MaxKey) return 127;
  return 3;
}

/** A deep copy that shares no container with its source; leaves are immutable by convention and shared. */
export function clone<T>(value: T): T {
  if (Array.isArray(value)) return value.map(clone) as T;
  if (!isDocument(value) || value instanceof DBRef) return value;
  const copy: Doc = {};
  for (const key of Object.keys(value)) setOwn(copy, key, clone(value[key]));
  return copy as T;
}

/** Assigns an own field even when its name is `__proto__`. */
export function setOwn(target: Doc, key: string, value: Value): void {
  if (key !== '__proto__') {
    target[key] = value;
    return;
  }
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/** A field's value, or MISSING; never an inherited property. */
export function getOwn(target: Doc, key: string): Value {
  return Object.hasOwn(target, key) ? target[key] : MISSING;
}

/** What JavaScript code would call the value: numbers unwrapped, for options of commands. */
export function plain(value: Value): Value {
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (value instanceof Long) return value.toNumber();
  if (value instanceof Decimal128) return Number(value.toString());
  return value;
}
