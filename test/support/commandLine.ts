import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../src/cli/runCommand.js';
import type { TestApp } from './app.js';
import type { ConfigInput } from './deps.js';
import type { Finished } from './run.js';

export interface CommandLine {
  /** The working directory of every command; `fieldgate.yaml` lies in it. */
  readonly folder: string;
  fieldgate(...args: string[]): Promise<Finished>;
  /** With `--json`, its result read. @throws when it does not end with 0 */
  json<T>(...args: string[]): Promise<T>;
  close(): Promise<void>;
}

/** `npx fieldgate` beside a running app, on the same database and master key; see `runCommandIn`. */
export async function commandLineOf(app: TestApp, overrides: ConfigInput = {}): Promise<CommandLine> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldgate-cli-'));
  const config: ConfigInput = {
    issuer: app.config.issuer,
    dataDirectory: app.config.dataDirectory,
    stores: { mongodbUri: app.database.mongoUri },
    tokens: { algorithm: app.config.tokens.algorithm },
    passwords: { argon2: { memoryKiB: 8192, timeCost: 1 } },
    admin: app.admin,
    ...overrides,
  };
  // JSON is YAML.
  await writeFile(join(folder, 'fieldgate.yaml'), JSON.stringify(config));
  const fieldgate = (...args: string[]) => runCommandIn(folder, args);
  return {
    folder,
    fieldgate,
    async json<T>(...args: string[]) {
      const { code, stdout, stderr } = await fieldgate(...args, '--json');
      if (code !== 0) throw new Error(`fieldgate ${args.join(' ')} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout) as T;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

let last: Promise<unknown> = Promise.resolve();

/**
 * `npx fieldgate` as in a process of its own: another working directory, a bare environment, what it prints kept apart.
 * It runs in this process, one command at a time: a process of its own spends two seconds on loading what is loaded
 * here. `beside.test.ts`, `importUsers.test.ts` and `config.test.ts` run the built binary, too.
 */
export function runCommandIn(
  folder: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Finished> {
  const finished = last.then(async (): Promise<Finished> => {
    const { env, exitCode } = process;
    const cwd = process.cwd();
    const written = { stdout: '', stderr: '' };
    const restore = [keepWrites('stdout', written), keepWrites('stderr', written)];
    process.chdir(folder);
    process.env = { PATH: env['PATH'], HOME: env['HOME'], ...environment };
    process.exitCode = undefined;
    try {
      const code = await runCommand(args);
      return { code, ...written };
    } finally {
      process.exitCode = exitCode;
      process.env = env;
      process.chdir(cwd);
      for (const undo of restore) undo();
    }
  });
  last = finished.catch(() => undefined);
  return finished;
}

function keepWrites(name: 'stdout' | 'stderr', written: Record<'stdout' | 'stderr', string>): () => void {
  const stream = process[name];
  const write = stream.write.bind(stream);
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
    written[name] += Buffer.from(chunk as string).toString();
    const callback = rest.find((one) => typeof one === 'function') as (() => void) | undefined;
    callback?.();
    return true;
  };
  return () => {
    stream.write = write;
  };
}
