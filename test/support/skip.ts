import { appendFileSync } from 'node:fs';
import { type Context, Test } from 'mocha';

/**
 * Skips the running test or suite and keeps the reason for the summary: one JSON line per skip in the file
 * `TEST_SKIPS_FILE`, where the runner set it. With REQUIRE_ALL=1 nothing may be skipped, so it throws.
 */
export function skipBecause(context: Context, reason: string): never {
  const title = titleOf(context);
  if (process.env['REQUIRE_ALL'] === '1')
    throw new Error(`REQUIRE_ALL=1, but "${title}" cannot run: ${reason}`);
  const file = process.env['TEST_SKIPS_FILE'];
  if (file) appendFileSync(file, `${JSON.stringify({ title, reason })}\n`);
  else console.warn(`skipped: ${title}: ${reason}`);
  return context.skip();
}

/** Of the test; of the suite where a hook skips it as a whole. */
function titleOf({ test }: Context): string {
  const skipped = test instanceof Test ? test : test?.parent;
  return skipped?.fullTitle() ?? '';
}
