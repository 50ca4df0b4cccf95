import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { testFiles } from '../test/files.js';

interface DryRun {
  readonly tests: readonly { readonly fullTitle: string; readonly file: string }[];
}

/** Where each test stands, by its full title: every compiled test is loaded and none is run. */
export async function collectTitles(): Promise<Map<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldgate-titles-'));
  try {
    const output = join(folder, 'titles.json');
    await dryRun(output);
    const { tests } = JSON.parse(readFileSync(output, 'utf8')) as DryRun;
    return new Map(tests.map(({ fullTitle, file }) => [fullTitle, sourceOf(file)]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function dryRun(output: string): Promise<void> {
  const child = spawn(
    process.execPath,
    [
      'node_modules/mocha/bin/mocha.js',
      '--no-config',
      '--dry-run',
      '--reporter=json',
      `--reporter-option=output=${output}`,
      ...testFiles([]),
    ],
    // What a test run told its own processes is not for this one.
    { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env['PATH'], HOME: process.env['HOME'] } },
  );
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`the titles of the tests cannot be read:\n${errors}`);
}

function sourceOf(compiled: string): string {
  return relative(join(process.cwd(), 'dist'), compiled).replace(/\.js$/, '.ts');
}
