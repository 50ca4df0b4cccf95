import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly pid: number;
  readonly [field: string]: unknown;
}

export interface RunningServer {
  readonly url: string;
  readonly process: ChildProcess;
  /** Every log line so far. */
  readonly lines: readonly LogLine[];
  /** Milliseconds from the start of the process to its ready line, as it says itself. */
  readonly readyInMilliseconds: number;
  /** Resolves with the first line, old or new, that matches. */
  line(matches: (line: LogLine) => boolean): Promise<LogLine>;
  /** Sends SIGTERM (or another signal) and resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** A folder that is empty now and is to be removed by the caller. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'fieldgate-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return address.port;
}

/**
 * Starts the compiled server as a process of its own, in `folder` and with nothing of this process's environment but
 * PATH and HOME, and resolves when it is ready. @throws Error with its output when it ends before
 */
export async function startServer(folder: string, env: NodeJS.ProcessEnv = {}): Promise<RunningServer> {
  const { PATH, HOME } = process.env;
  const port = env['PORT'] ?? String(await freePort());
  const child = spawn(process.execPath, ['--enable-source-maps', resolve('dist/src/main.js')], {
    cwd: folder,
    env: { PATH, HOME, PORT: port, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const look of waiting) look();
  };
  let output = '';
  let rest = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    const complete = (rest + text).split('\n');
    rest = complete.pop() ?? '';
    for (const line of complete) if (line.startsWith('{')) lines.push(JSON.parse(line) as LogLine);
    wake();
  });
  const exited = new Promise<number | null>((done) => child.on('close', done));
  void exited.then(wake);

  const line = (matches: (line: LogLine) => boolean): Promise<LogLine> =>
    new Promise((found, refuse) => {
      const look = (): void => {
        const hit = lines.find(matches);
        const over = child.exitCode !== null || child.signalCode !== null;
        if (!hit && !over) return;
        waiting.delete(look);
        if (hit) found(hit);
        else refuse(new Error(`the server ended with ${child.exitCode ?? child.signalCode}:\n${output}`));
      };
      waiting.add(look);
      look();
    });

  const ready = await line((entry) => typeof entry['readyInMilliseconds'] === 'number');
  return {
    url: env['ISSUER'] ?? `http://127.0.0.1:${port}`,
    process: child,
    lines,
    readyInMilliseconds: ready['readyInMilliseconds'] as number,
    line,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}
