/**
 * Where things lie in the one ordered key space of a data file:
 *   00              the format record
 *   01 name         one record per collection, with its indexes
 *   10 coll rid     a document (BSON) by its record id
 *   20 index key rid    an index entry; the value is empty
 */
export const FORMAT_KEY = Buffer.from([0x00]);
export const COLLECTION_PREFIX = 0x01;
const DOCUMENT_PREFIX = 0x10;
const INDEX_PREFIX = 0x20;

export const RECORD_ID_BYTES = 6;

export const collectionKey = (namespace: string) =>
  Buffer.concat([Buffer.from([COLLECTION_PREFIX]), Buffer.from(namespace)]);

function numbered(prefix: number, id: number): Buffer {
  const bytes = Buffer.allocUnsafe(5);
  bytes[0] = prefix;
  bytes.writeUInt32BE(id, 1);
  return bytes;
}

export const documentPrefix = (collectionId: number) => numbered(DOCUMENT_PREFIX, collectionId);
export const indexPrefix = (indexId: number) => numbered(INDEX_PREFIX, indexId);

export function documentKey(collectionId: number, recordId: number): Buffer {
  const bytes = Buffer.allocUnsafe(5 + RECORD_ID_BYTES);
  bytes[0] = DOCUMENT_PREFIX;
  bytes.writeUInt32BE(collectionId, 1);
  bytes.writeUIntBE(recordId, 5, RECORD_ID_BYTES);
  return bytes;
}

export function indexEntryKey(indexId: number, key: Uint8Array, recordId: number): Buffer {
  const bytes = Buffer.allocUnsafe(5 + key.length + RECORD_ID_BYTES);
  bytes[0] = INDEX_PREFIX;
  bytes.writeUInt32BE(indexId, 1);
  bytes.set(key, 5);
  bytes.writeUIntBE(recordId, 5 + key.length, RECORD_ID_BYTES);
  return bytes;
}

/** The record id at the end of a document's or an index entry's key. */
export function recordIdOf(key: Buffer): number {
  return key.readUIntBE(key.length - RECORD_ID_BYTES, RECORD_ID_BYTES);
}

/** The first key after every key that begins with these bytes. */
export function afterPrefix(prefix: Uint8Array): Buffer {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length--;
  const end = Buffer.from(prefix.subarray(0, length));
  if (length > 0) end[length - 1] = (end[length - 1] as number) + 1;
  return end;
}
