import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Name of the file in which `test/support/skip.ts` notes why it skipped: one JSON object a line. */
export const SKIPS_FILE = 'skips.jsonl';

/** A skip with its reason. `title` is the full title of a test, or of a suite that was skipped as a whole. */
export interface Skip {
  readonly title: string;
  readonly reason: string;
}

/** The reasons that this run's processes wrote down. */
export function readSkips(folder: string): Skip[] {
  const file = join(folder, SKIPS_FILE);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => suiteOfHook(JSON.parse(line) as Skip));
}

/** A skip in a hook is one of the whole suite, but carries the title of the hook. */
function suiteOfHook(skip: Skip): Skip {
  return { ...skip, title: skip.title.replace(/\s*"(before|after) (all|each)" hook.*$/s, '') };
}

/** Lists what was skipped under the reason why. */
export function printSkips(pending: readonly string[], skips: readonly Skip[]): void {
  const byReason = new Map<string, string[]>();
  for (const title of pending) {
    const reason = reasonOf(title, skips) ?? 'no reason given';
    byReason.set(reason, [...(byReason.get(reason) ?? []), title]);
  }
  for (const [reason, titles] of byReason) {
    console.log(`skipped (${titles.length}): ${reason}`);
    for (const title of titles) console.log(`  - ${title}`);
  }
}

/** The skips that must not be: all of them when all is required, and those without a reason always. */
export function failuresOfSkips(
  pending: readonly string[],
  skips: readonly Skip[],
  requireAll: boolean,
): string[] {
  const refused = pending.filter((title) => requireAll || reasonOf(title, skips) === undefined);
  return refused.map((title) => `skipped, ${reasonOf(title, skips) ?? 'without a reason'}: ${title}`);
}

function reasonOf(title: string, skips: readonly Skip[]): string | undefined {
  return skips.find((skip) => title.startsWith(skip.title))?.reason;
}
