import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestApp } from './app.js';
import type { ConfigInput } from './deps.js';
import { type Finished, run } from './run.js';

export interface CommandLine {
  /** The working directory of every command; `fieldgate.yaml` lies in it. */
  readonly folder: string;
  fieldgate(...args: string[]): Promise<Finished>;
  /** With `--json`, its result read. @throws when it does not end with 0 */
  json<T>(...args: string[]): Promise<T>;
  close(): Promise<void>;
}

/** `npx fieldgate` beside a running app, on the same database and master key. */
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
  const fieldgate = (...args: string[]) => run('dist/src/cli/main.js', args, { cwd: folder });
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
