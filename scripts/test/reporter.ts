import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import Mocha from 'mocha';
import type { MochaResult } from './mocha.js';

const { EVENT_RUN_END, EVENT_TEST_END, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } =
  Mocha.Runner.constants;

/** Mocha's dots and list of failures, and the counts as JSON in `resultFile`. */
export default class Reporter extends Mocha.reporters.Dot {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const { resultFile } = options.reporterOptions as { resultFile: string };
    let passed = 0;
    let failed = 0;
    const pending: string[] = [];
    const milliseconds = new Map<string, number>();
    runner.on(EVENT_TEST_END, ({ file, duration }) => {
      const name = relative('dist', file ?? '').replace(/\.js$/, '.ts');
      milliseconds.set(name, (milliseconds.get(name) ?? 0) + (duration ?? 0));
    });
    runner.on(EVENT_TEST_PASS, () => (passed += 1));
    runner.on(EVENT_TEST_FAIL, () => (failed += 1));
    runner.on(EVENT_TEST_PENDING, (test) => pending.push(test.fullTitle()));
    runner.once(EVENT_RUN_END, () => {
      writeFileSync(
        resultFile,
        JSON.stringify({ passed, failed, pending, seconds: secondsOf(milliseconds) } satisfies MochaResult),
      );
    });
  }

  /** Only the failures: the counts are printed once, at the very end of `npm test`. */
  override epilogue(): void {
    console.log();
    if (this.failures.length > 0) Mocha.reporters.Base.list(this.failures);
  }
}

/** Of the slowest files, the slowest first. */
function secondsOf(milliseconds: ReadonlyMap<string, number>): Record<string, number> {
  const slowest = [...milliseconds].sort(([, left], [, right]) => right - left).slice(0, 15);
  return Object.fromEntries(slowest.map(([file, spent]) => [file, Math.round(spent / 100) / 10]));
}
