import type { DataFile } from './dataFile.js';

/** A stretch of keys: from `start` (included) to `end` (left out). */
export interface KeyRange {
  readonly start: Buffer;
  readonly end: Buffer;
}

const FIRST_CHUNK = 32;
const LARGEST_CHUNK = 1024;

/**
 * The keys of a range in order, read in growing chunks. Between chunks no read transaction is held, so a cursor
 * may rest for minutes; keys that came or went meanwhile are seen or not, none is given twice.
 */
export function* scanKeys(data: DataFile, range: KeyRange, reverse: boolean): Generator<Buffer> {
  let { start, end } = range;
  for (let limit = FIRST_CHUNK; ; limit = Math.min(limit * 4, LARGEST_CHUNK)) {
    const options = reverse ? { start: end, end: start, reverse: true, limit } : { start, end, limit };
    const chunk = [...data.getKeys(options)];
    for (const key of chunk) if (!reverse || key.compare(range.end) < 0) yield key;
    const last = chunk.at(-1);
    if (!last || chunk.length < limit) return;
    if (reverse) end = beforeKey(last);
    else start = Buffer.concat([last, ZERO]);
  }
}

const ZERO = Buffer.from([0]);

// Every key ends in a record id, so the key before one is found by counting that id down.
function beforeKey(key: Buffer): Buffer {
  const before = Buffer.from(key);
  for (let at = before.length - 1; at >= 0; at--) {
    const byte = before[at] as number;
    before[at] = (byte + 255) % 256;
    if (byte !== 0) break;
  }
  return before;
}
