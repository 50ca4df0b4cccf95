import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Api } from './api.js';
import { Mailbox } from './mailbox.js';
import { ExpectationFailed, narrator } from './narrator.js';
import { tellStory } from './story.js';

const HELP = `Tells a story on the API of a running Fieldgate. Environment:
  DEMO_URL              where it listens (http://127.0.0.1:3000)
  DEMO_ADMIN_USERNAME   the administrator (admin)
  DEMO_ADMIN_PASSWORD   or ADMIN_PASSWORD; absent: read from data/admin-password.txt
  DEMO_MAILPIT_URL      or MAILPIT_URL: where mail is caught; absent: /dev/outbox of the server`;

function setting(name: string): string | undefined {
  return process.env[`DEMO_${name}`] ?? process.env[name];
}

async function adminPassword(): Promise<string> {
  return setting('ADMIN_PASSWORD') ?? (await readFile(join('data', 'admin-password.txt'), 'utf8')).trim();
}

async function main(): Promise<void> {
  const url = process.env['DEMO_URL'] ?? 'http://127.0.0.1:3000';
  await fetch(new URL('/health', url)).catch((error: unknown) => {
    throw new Error(`nothing answers at ${url}: start it with "npm start" first`, { cause: error });
  });
  await tellStory({
    api: new Api(url),
    mailbox: new Mailbox(url, setting('MAILPIT_URL')),
    admin: { username: setting('ADMIN_USERNAME') ?? 'admin', password: await adminPassword() },
  });
  narrator.end();
}

if (process.argv.includes('--help')) {
  console.log(HELP);
} else {
  try {
    await main();
  } catch (error) {
    narrator.failed((error as Error).message);
    if (!(error instanceof ExpectationFailed)) console.error(HELP);
    process.exitCode = 1;
  }
}
