import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Those that take longest, mostly waiting for other processes: begun first, they leave no core idle at the end. */
const LONGEST = ['browser/', 'process/', 'stores/', 'start', 'policies/', 'cli/', 'examples/', 'wrongInput'];

/**
 * The compiled tests whose source lies under one of the patterns (`test/oauth`, `test/oauth/token.test.ts`, or any part
 * of a path); all of them without a pattern. Taken from the sources, so that what a deleted test left in `dist/` never runs.
 */
export function testFiles(patterns: readonly string[]): string[] {
  const sources = readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .sort((left, right) => rankOf(left) - rankOf(right) || (left < right ? -1 : 1))
    .map((file) => join('test', file));
  const wanted = patterns.map((pattern) => pattern.replace(/^(\.\/)?(dist\/)?/, '').replace(/\.js$/, '.ts'));
  return sources
    .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
    .map((file) => join('dist', file.replace(/\.ts$/, '.js')));
}

function rankOf(file: string): number {
  const rank = LONGEST.findIndex((start) => file.startsWith(start));
  return rank === -1 ? LONGEST.length : rank;
}
