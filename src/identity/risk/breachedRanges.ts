import { hash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deps } from '../deps.js';
import { isBreached } from '../passwords/breached.js';

/** A range of the public collection has some 40 KB. */
const LARGEST_RANGE_BYTES = 1_048_576;

/**
 * Whether a password is among breached ones: of the bundled list, and of `risk.breachedRangesDirectory`, a folder as
 * `haveibeenpwned-downloader` makes it: `<five hex digits of SHA-1>.txt`, or without `.txt`, each line the other 35 and,
 * after a colon, how often. A range that is missing says nothing.
 */
export async function isKnownBreached(
  deps: Pick<Deps, 'config' | 'logger'>,
  password: string,
): Promise<boolean> {
  if (isBreached(password)) return true;
  const folder = deps.config.risk.breachedRangesDirectory;
  if (folder === undefined) return false;
  const digest = hash('sha1', password, 'hex').toUpperCase();
  const range = digest.slice(0, 5);
  const wanted = `${digest.slice(5)}:`;
  for (const name of [`${range}.txt`, range]) {
    const text = await readRange(deps, join(folder, name));
    if (text !== null) return text.split('\n').some((line) => line.startsWith(wanted) && isCounted(line));
  }
  return false;
}

/** Padding of the public service has the count 0. */
function isCounted(line: string): boolean {
  return Number.parseInt(line.slice(36), 10) > 0;
}

async function readRange(deps: Pick<Deps, 'logger'>, path: string): Promise<string | null> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT')
      deps.logger.warn({ reason: error.code }, 'a range of passwords is unreadable');
    return null;
  });
  if (!file) return null;
  try {
    const { size } = await file.stat();
    return size > LARGEST_RANGE_BYTES ? null : (await file.readFile('utf8')).toUpperCase();
  } finally {
    await file.close();
  }
}
