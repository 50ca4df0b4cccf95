import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { SKIPS_FILE } from './skips.js';

/** What the reporter writes down at the end of a run. */
export interface MochaResult {
  readonly passed: number;
  readonly failed: number;
  /** Full titles of the tests that were skipped. */
  readonly pending: readonly string[];
  /** How long the tests of the slowest files took. */
  readonly seconds: Readonly<Record<string, number>>;
}

// A test waits for two fifths of its time: for a hash, a browser, a process.
const JOBS = availableParallelism() + 1;

const COVERAGE_OPTIONS = [
  '--clean',
  '--all',
  '--src=src',
  '--include=src/**/*.ts',
  '--exclude-after-remap',
  '--reporter=text-summary',
  '--reporter=json-summary',
  '--reporter=lcovonly',
];

/** Runs compiled tests in as many processes as there are cores, and one more. `faults` tells what went wrong beside failed tests. */
export async function runMocha(
  files: readonly string[],
  folder: string,
): Promise<MochaResult & { faults: string[] }> {
  const missing = files.filter((file) => !existsSync(file));
  const resultFile = join(folder, 'result.json');
  const mocha = [
    'node_modules/mocha/bin/mocha.js',
    '--no-config',
    '--parallel',
    `--jobs=${JOBS}`,
    '--timeout=60000',
    '--forbid-only',
    `--reporter=${resolve('dist/scripts/test/reporter.js')}`,
    `--reporter-option=resultFile=${resultFile}`,
    ...files,
  ];
  const covering = process.env['COVERAGE'] === '1';
  if (covering) mocha.push(`--require=${resolve('dist/scripts/test/outlastTermination.js')}`);
  const c8 = [
    'node_modules/c8/bin/c8.js',
    ...COVERAGE_OPTIONS,
    ...typesOnly().map((file) => `--exclude=${file}`),
  ];
  const covered = covering ? [...c8, process.execPath] : [];
  const child = spawn(process.execPath, [...covered, '--enable-source-maps', ...mocha], {
    stdio: 'inherit',
    env: { ...process.env, TEST_SKIPS_FILE: join(folder, SKIPS_FILE), NODE_OPTIONS: '--enable-source-maps' },
  });
  const code = await new Promise<number | null>((done, refuse) => {
    child.on('error', refuse);
    child.on('close', done);
  });

  if (!existsSync(resultFile)) {
    return {
      passed: 0,
      failed: 0,
      pending: [],
      seconds: {},
      faults: [`the test run ended without a result (exit code ${code})`],
    };
  }
  const result = JSON.parse(readFileSync(resultFile, 'utf8')) as MochaResult;
  const faults = missing.map((file) => `${file} was not compiled: run npm run build`);
  if (code !== 0 && result.failed === 0)
    faults.push(`the test run exited with ${code} although no test failed`);
  return { ...result, faults };
}

/** Source files of which nothing is left after compilation: no line of them can be covered. */
function typesOnly(): string[] {
  const compiled = readdirSync('dist/src', { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.js'),
  );
  const empty = compiled.filter((file) => {
    const text = readFileSync(join('dist/src', file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\/\/.*$/gm, '');
    return text.trim() === 'export {};';
  });
  return empty.map((file) => join('src', file.replace(/\.js$/, '.ts')));
}
