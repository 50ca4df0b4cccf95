import { setTimeout } from 'node:timers/promises';
import type { ServerProcess } from './process.js';

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly pid: number;
  readonly [field: string]: unknown;
}

const PATIENCE_MILLISECONDS = 20_000;

/** The complete log lines that a server has written so far. */
export function logLines(server: Pick<ServerProcess, 'output'>): LogLine[] {
  const lines = server.output().split('\n').slice(0, -1);
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine);
}

/** Resolves with the first line, written already or to come, that matches. @throws Error with all output when none comes */
export async function logLine(
  server: Pick<ServerProcess, 'output'>,
  matches: (line: LogLine) => boolean,
): Promise<LogLine> {
  const end = performance.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const found = logLines(server).find(matches);
    if (found) return found;
    if (performance.now() > end) throw new Error(`no such line in:\n${server.output()}`);
    await setTimeout(20);
  }
}
