import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import type { MochaResult } from './mocha.js';

const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } = Mocha.Runner.constants;

/** Mocha's dots and list of failures, and the counts as JSON in `resultFile`. */
export default class Reporter extends Mocha.reporters.Dot {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const { resultFile } = options.reporterOptions as { resultFile: string };
    let passed = 0;
    let failed = 0;
    const pending: string[] = [];
    runner.on(EVENT_TEST_PASS, () => (passed += 1));
    runner.on(EVENT_TEST_FAIL, () => (failed += 1));
    runner.on(EVENT_TEST_PENDING, (test) => pending.push(test.fullTitle()));
    runner.once(EVENT_RUN_END, () => {
      writeFileSync(resultFile, JSON.stringify({ passed, failed, pending } satisfies MochaResult));
    });
  }

  /** Only the failures: the counts are printed once, at the very end of `npm test`. */
  override epilogue(): void {
    console.log();
    if (this.failures.length > 0) Mocha.reporters.Base.list(this.failures);
  }
}
