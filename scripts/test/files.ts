import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The compiled tests whose source lies under one of the patterns (`test/oauth`, `test/oauth/token.test.ts`, or any part
 * of a path); all of them without a pattern. Taken from the sources, so that what a deleted test left in `dist/` never runs.
 */
export function testFiles(patterns: readonly string[]): string[] {
  const sources = readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join('test', file))
    .sort();
  const wanted = patterns.map((pattern) => pattern.replace(/^(\.\/)?(dist\/)?/, '').replace(/\.js$/, '.ts'));
  return sources
    .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
    .map((file) => join('dist', file.replace(/\.ts$/, '.js')));
}
