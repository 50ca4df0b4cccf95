import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Api } from './api.js';
import { Mailbox } from './mailbox.js';
import { ExpectationFailed, narrator } from './narrator.js';
import { tellStory } from './story.js';

const HELP = `Tells a story on the API of a running Fieldgate. Environment:
  FIELDGATE_URL    where it listens (http://127.0.0.1:3000)
  ADMIN_USERNAME   the administrator (admin)
  ADMIN_PASSWORD   the password; absent: read from data/admin-password.txt
  MAILPIT_URL      where mail is caught; absent: /dev/outbox of the server`;

async function adminPassword(): Promise<string> {
  const given = process.env['ADMIN_PASSWORD'];
  if (given) return given;
  const file = join(process.env['FIELDGATE_DATA_DIRECTORY'] ?? 'data', 'admin-password.txt');
  return (await readFile(file, 'utf8')).trim();
}

async function main(): Promise<void> {
  const url = process.env['FIELDGATE_URL'] ?? 'http://127.0.0.1:3000';
  await fetch(new URL('/health', url)).catch((error: unknown) => {
    throw new Error(`nothing answers at ${url}: start it with "npm start" first`, { cause: error });
  });
  await tellStory({
    api: new Api(url),
    mailbox: new Mailbox(url, process.env['MAILPIT_URL']),
    admin: { username: process.env['ADMIN_USERNAME'] ?? 'admin', password: await adminPassword() },
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
