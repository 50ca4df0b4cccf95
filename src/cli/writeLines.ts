import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Writes lines to a file for its owner only, or to standard output for `-`. */
export async function writeLines(lines: AsyncIterable<string>, out: string): Promise<void> {
  // Standard output is not ours to close.
  if (out === '-') await pipeline(Readable.from(lines), process.stdout, { end: false });
  else await pipeline(Readable.from(lines), createWriteStream(out, { mode: 0o600 }));
}
