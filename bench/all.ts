/**
 * Runs every benchmark briefly, one after another; each prints its ratios beside its targets.
 * Run: npm run bench. Exits with 1 when a target is missed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const BRIEF: readonly (readonly [script: string, ...args: string[]])[] = [
  ['graphql.js', '5'],
  ['guard.js'],
  ['compile.js'],
  ['oauth.js', '3'],
  ['lists.js', '10000'],
];

for (const [script, ...args] of BRIEF) {
  process.stdout.write(`\n${script}\n`);
  const path = fileURLToPath(new URL(script, import.meta.url));
  const [code] = (await once(spawn(process.execPath, [path, ...args], { stdio: 'inherit' }), 'exit')) as [
    number | null,
  ];
  if (code !== 0) process.exitCode = 1;
}
