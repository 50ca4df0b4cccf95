import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { parse } from 'yaml';
import { startApp, type TestApp } from '../support/app.js';
import type { ConfigInput } from '../support/deps.js';
import { freePort } from '../support/freePort.js';
import { startHttps } from './https.js';

const PATIENCE_MILLISECONDS = 15_000;

/** A Fieldgate as examples/fieldgate.yaml describes it, and the example apps that were started with it. */
export interface Examples {
  readonly app: TestApp;
  readonly apiUrl: string;
  readonly webUrl: string;
  readonly spaUrl: string;
  /** What an example is told by its environment. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Who signs in: one of examples/fieldgate.yaml. */
export const ANN = { email: 'ann@example.com', password: 'an uncommon phrase of words' };

export type ExampleName = 'api' | 'web' | 'spa';

const PROGRAMS: Readonly<Record<ExampleName, string>> = {
  api: 'examples/api/server.js',
  web: 'examples/web/server.js',
  spa: 'examples/spa/serve.js',
};

export interface ExampleOptions {
  /** May change what examples/fieldgate.yaml says. */
  readonly adjust?: (config: ConfigInput) => ConfigInput;
  /** Everything behind https, the hosts of one site, as in production; Chromium needs HTTPS_FLAGS. */
  readonly https?: boolean;
}

/** Starts Fieldgate and some of the examples, all on free ports. */
export async function startExamples(
  names: readonly ExampleName[],
  { adjust = (config) => config, https = false }: ExampleOptions = {},
): Promise<Examples> {
  const ports = { api: await freePort(), web: await freePort(), spa: await freePort() };
  const tls = await freePort();
  const [apiUrl, webUrl, spaUrl] = (['api', 'web', 'spa'] as const).map((name) =>
    https ? `https://${name}.notes.test:${tls}` : `http://127.0.0.1:${ports[name]}`,
  ) as [string, string, string];
  const text = readFileSync('examples/fieldgate.yaml', 'utf8')
    .replaceAll('http://127.0.0.1:4001', webUrl)
    .replaceAll('http://127.0.0.1:4002', spaUrl);
  // The data of a test are its own.
  const { dataDirectory: _kept, ...declared } = parse(text) as ConfigInput;
  const app = await startApp(
    {
      ...adjust(declared),
      ...(https && { issuer: `https://id.notes.test:${tls}`, listen: { trustedProxies: ['127.0.0.1'] } }),
    },
    // That of the examples is the machine's.
    { runningClock: true },
  );
  const env = {
    ISSUER: app.config.issuer,
    API_URL: apiUrl,
    SPA_ORIGIN: spaUrl,
    JWKS_URI: `${app.url}/.well-known/jwks.json`,
  };
  const running: ChildProcess[] = [];
  let proxy: { close(): Promise<void> } | undefined;
  const close = async (): Promise<void> => {
    await proxy?.close();
    for (const child of running) await end(child);
    await app.close();
  };
  try {
    if (https) {
      const behind = names.map((name) => [`${name}.notes.test`, `http://127.0.0.1:${ports[name]}`]);
      proxy = await startHttps(tls, { 'id.notes.test': app.url, ...Object.fromEntries(behind) });
    }
    for (const name of names) {
      const child = startExample(PROGRAMS[name], { ...env, PORT: String(ports[name]) });
      running.push(child);
      await listening(child, name);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { app, apiUrl, webUrl, spaUrl, env, close };
}

export function startExample(
  program: string,
  env: Record<string, string>,
  args: readonly string[] = [],
): ChildProcess {
  const { PATH, HOME } = process.env;
  return spawn(process.execPath, [program, ...args], {
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Resolves when the program has said that it listens. @throws with what it wrote when it ends or takes too long */
async function listening(child: ChildProcess, name: string): Promise<void> {
  let output = '';
  const said = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name} is silent:\n${output}`)), PATIENCE_MILLISECONDS);
    const hear = (chunk: Buffer): void => {
      output += chunk.toString();
      if (!/http:\/\/127\.0\.0\.1:\d+/.test(output)) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('exit', () => {
      clearTimeout(timer);
      reject(new Error(`${name} ended:\n${output}`));
    });
  });
  await said;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** Types in who they are, on Fieldgate's page. */
export async function signInAt(page: Page, who: { email: string; password: string } = ANN): Promise<void> {
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.locator('input[name="identifier"]').fill(who.email);
  await page.locator('input[name="password"]').fill(who.password);
  await page.keyboard.press('Enter');
}

/** Allows everything that the app asks for. */
export async function allowAt(page: Page): Promise<void> {
  await page.getByRole('heading', { name: /^Allow / }).waitFor();
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
}

/** Confirms the sign-out, on Fieldgate's page. */
export async function signOutAt(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Sign out?' }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
}
