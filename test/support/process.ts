import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const PATIENCE_MILLISECONDS = 45_000;

export interface ServerProcess {
  readonly pid: number;
  /** From the start of the process to the line that says "ready". */
  readonly readyInMilliseconds: number;
  /** Everything written so far, both streams. */
  output(): string;
  /** Sends the signal and resolves with the exit code, null when the signal killed it. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

export interface EndedProcess {
  readonly code: number | null;
  readonly output: string;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

function start(folder: string, environment: Record<string, string>): { child: Child; output: () => string } {
  let text = '';
  const child = spawn(process.execPath, [MAIN], {
    cwd: folder,
    // Nothing of this test run's own environment but where coverage goes: a newcomer has none.
    env: { PATH: process.env['PATH'], NODE_V8_COVERAGE: process.env['NODE_V8_COVERAGE'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  return { child, output: () => text };
}

/** Starts the built server in `folder` and resolves when it says that it is ready. @throws when it ends before */
export async function startServer(
  folder: string,
  environment: Record<string, string>,
): Promise<ServerProcess> {
  const startedAt = performance.now();
  const { child, output } = start(folder, environment);
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => () => reject(new Error(`${why}:\n${output()}`));
    const timer = setTimeout(fail('not ready in time'), PATIENCE_MILLISECONDS);
    child.once('exit', fail('ended before it was ready'));
    child.stdout.on('data', () => {
      if (!output().includes('Fieldgate is ready')) return;
      clearTimeout(timer);
      resolve();
    });
  });
  return {
    pid: child.pid ?? 0,
    readyInMilliseconds: performance.now() - startedAt,
    output,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const ended = once(child, 'close');
      child.kill(signal);
      await ended;
      return child.exitCode;
    },
  };
}

/** Runs the built server in `folder` until it ends by itself. */
export async function runToEnd(folder: string, environment: Record<string, string>): Promise<EndedProcess> {
  const { child, output } = start(folder, environment);
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MILLISECONDS);
  await once(child, 'close');
  clearTimeout(timer);
  return { code: child.exitCode, output: output() };
}
