import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printChecks, runChecks } from './test/checks.js';
import { testFiles } from './test/files.js';
import { runMocha } from './test/mocha.js';
import { failuresOfSkips, printSkips, readSkips } from './test/skips.js';

/**
 * What `npm test` runs after the build: the static checks beside the tests.
 * Arguments are paths of tests (`npm test -- test/oauth`) and leave the static checks out.
 * `REQUIRE_ALL=1` makes every skip a failure, `COVERAGE=1` measures with c8. The last line is the count.
 */
async function main(patterns: readonly string[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldgate-test-'));
  try {
    const files = testFiles(patterns);
    if (files.length === 0)
      throw new Error(`no test file matches ${patterns.join(' ') || 'test/**/*.test.ts'}`);
    const [result, checks] = await Promise.all([
      runMocha(files, folder),
      patterns.length === 0 ? runChecks() : [],
    ]);
    const failedChecks = printChecks(checks);

    const skips = readSkips(folder);
    printSkips(result.pending, skips);
    const slowest = Object.entries(result.seconds).map(([file, seconds]) => `  ${seconds} s  ${file}`);
    console.log(`slowest files:\n${slowest.join('\n')}`);
    const refused = failuresOfSkips(result.pending, skips, process.env['REQUIRE_ALL'] === '1');
    const faults = [...failedChecks.map((name) => `${name} failed`), ...result.faults, ...refused];
    for (const fault of faults) console.log(`FAILED: ${fault}`);

    const failed = result.failed + faults.length;
    console.log(`\n${result.passed} passed, ${failed} failed, ${result.pending.length} skipped`);
    return failed === 0 && result.passed > 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv.slice(2));
