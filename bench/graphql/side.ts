import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Kind, Ready } from './child.js';

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url));
const CONCURRENT = Number(process.env['BENCH_CONCURRENT'] ?? 8);

/** A started process of a benchmark. */
export interface Measured {
  /** Microseconds of processor time, user and system, since its start. */
  cpu(): Promise<number>;
  stop(): Promise<void>;
}

export type Side = Ready & Measured;

/** With `PROFILE` in the environment naming the kind, the process leaves a `.cpuprofile` in that folder. */
export function startSide(kind: Kind, args: readonly string[]): Promise<Side> {
  return startProcess<Ready>(CHILD, kind, args);
}

/** The same with a script of its own, which calls `answerQuestions`. */
export async function startProcess<R extends object>(
  script: string,
  kind: string,
  args: readonly string[],
): Promise<R & Measured> {
  const profile = process.env['PROFILE'] === kind ? ['--cpu-prof', `--cpu-prof-dir=${process.cwd()}`] : [];
  const child = fork(script, [kind, ...args], {
    execArgv: profile,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ready = await answerOf<R>(child);
  return {
    ...ready,
    async cpu() {
      const answer = answerOf<{ cpu: number }>(child);
      child.send('cpu');
      return (await answer).cpu;
    },
    async stop() {
      const exited = once(child, 'exit');
      child.send('stop');
      await exited;
    },
  };
}

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const done = new AbortController();
  const { signal } = done;
  const gone = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`a process of the benchmark ended with ${String(code)}`);
  });
  try {
    const [message] = await Promise.race([once(child, 'message', { signal }), gone]);
    return message as T;
  } finally {
    gone.catch(() => undefined);
    done.abort();
  }
}

const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENT });

/** One query over HTTP. @throws when the answer is not free of errors */
export async function ask(url: string, headers: Record<string, string>, query: string): Promise<string> {
  const body = JSON.stringify({ query });
  const text = await new Promise<string>((resolve, reject) => {
    const call = request(`${url}/graphql`, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
    });
    call.on('error', reject);
    call.on('response', (answer) => {
      let received = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        received += part;
      });
      answer.on('end', () => resolve(received));
    });
    call.end(body);
  });
  if (!text.startsWith('{"data"') || text.includes('"errors":')) throw new Error(text.slice(0, 500));
  return text;
}

/** Asks so many times, a few at once; `once` learns how many are left. */
export async function askTimes(times: number, once: (turn: number) => Promise<unknown>): Promise<void> {
  let left = times;
  await Promise.all(
    Array.from({ length: CONCURRENT }, async () => {
      while (left > 0) {
        left -= 1;
        await once(left);
      }
    }),
  );
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
