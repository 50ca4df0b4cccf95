import { spawn } from 'node:child_process';

/** The checks that read sources only. They run side by side; each is a program of `node_modules/.bin`. */
const CHECKS: Readonly<Record<string, readonly string[]>> = {
  formatting: ['biome', 'check', '--no-errors-on-unmatched', '.'],
  linting: ['oxlint', '--type-aware', '--deny-warnings'],
  'unused code': ['knip', '--no-progress', '--treat-config-hints-as-errors'],
};

interface CheckOutcome {
  readonly name: string;
  readonly ok: boolean;
  readonly output: string;
  readonly seconds: string;
}

/** Runs every check, all at once. */
export function runChecks(): Promise<CheckOutcome[]> {
  return Promise.all(Object.entries(CHECKS).map(([name, command]) => runCheck(name, command)));
}

/** Prints what the failed ones say, and answers their names. */
export function printChecks(outcomes: readonly CheckOutcome[]): string[] {
  const failed = outcomes.filter((outcome) => !outcome.ok);
  for (const { name, output } of failed) console.log(`---- ${name}\n${output.trim()}\n`);
  console.log(outcomes.map(({ name, ok, seconds }) => `${ok ? '✔' : '✖'} ${name} (${seconds} s)`).join('\n'));
  return failed.map(({ name }) => name);
}

async function runCheck(name: string, [program = '', ...options]: readonly string[]): Promise<CheckOutcome> {
  const start = performance.now();
  const child = spawn(`node_modules/.bin/${program}`, options, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { name, ok: code === 0, output, seconds: ((performance.now() - start) / 1000).toFixed(1) };
}
