import { spawn } from 'node:child_process';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that takes longer is killed, so that a test that gives up leaves nothing behind. */
const PATIENCE_MILLISECONDS = 40_000;

/**
 * Runs a compiled program of this project to its end, with nothing of this process's environment but PATH, HOME and
 * where coverage goes.
 */
export async function run(
  program: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; input?: string; cwd?: string } = {},
): Promise<Finished> {
  const { PATH, HOME, NODE_V8_COVERAGE } = process.env;
  const child = spawn(process.execPath, [`${process.cwd()}/${program}`, ...args], {
    cwd: options.cwd,
    env: { PATH, HOME, NODE_V8_COVERAGE, ...options.env },
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MILLISECONDS);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // A program that ends without reading closes the pipe first.
  child.stdin.on('error', () => undefined).end(options.input ?? '');
  const code = await new Promise<number | null>((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  );
  clearTimeout(timer);
  return { code, stdout, stderr };
}
