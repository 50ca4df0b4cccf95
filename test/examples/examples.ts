import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { parse } from 'yaml';
import { startApp, type TestApp } from '../support/app.js';
import type { ConfigInput } from '../support/deps.js';
import { freePort } from '../support/freePort.js';

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

/** Starts Fieldgate and some of the examples, all on free ports; `adjust` may change the configuration. */
export async function startExamples(
  names: readonly ExampleName[],
  adjust: (config: ConfigInput) => ConfigInput = (config) => config,
): Promise<Examples> {
  const [api, web, spa] = [await freePort(), await freePort(), await freePort()];
  const text = readFileSync('examples/fieldgate.yaml', 'utf8')
    .replaceAll(':4001', `:${web}`)
    .replaceAll(':4002', `:${spa}`);
  const app = await startApp(adjust(parse(text) as ConfigInput));
  const [apiUrl, webUrl, spaUrl] = [api, web, spa].map((port) => `http://127.0.0.1:${port}`);
  const env = { ISSUER: app.config.issuer, API_URL: apiUrl ?? '', SPA_ORIGIN: spaUrl ?? '' };
  const ports = { api, web, spa };
  const running: ChildProcess[] = [];
  const close = async (): Promise<void> => {
    for (const child of running) await end(child);
    await app.close();
  };
  try {
    for (const name of names) {
      const child = startExample(PROGRAMS[name], { ...env, PORT: String(ports[name]) });
      running.push(child);
      await listening(child, name);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { app, apiUrl: apiUrl ?? '', webUrl: webUrl ?? '', spaUrl: spaUrl ?? '', env, close };
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
