import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { configSchema } from '../../src/config/schema.js';
import { startApp, type TestApp } from '../support/app.js';
import type { ConfigInput } from '../support/deps.js';
import { skipBecause } from '../support/skip.js';
import { type Block, blocksOf } from './blocks.js';
import { difference, httpDifference, textDifference } from './likeness.js';
import { type Shell, startShell } from './shell.js';
import { visit } from './visit.js';

const SHOWN_URL = 'http://127.0.0.1:3000';
const PASSWORD_FILE = /data\/(docs\/)?admin-password.txt/g;
/** The reader waits, a test moves the clock. */
const WAIT = /^sleep (\d+).*$/gm;
const OAUTH = 'docs/oauth';
/** Its first block is for all pages. */
const FIRST = `${OAUTH}/README.md`;
const CONFIGURATION = parse(readFileSync(`${OAUTH}/fieldgate.yaml`, 'utf8')) as ConfigInput;

/** Pages whose requests need a key or a certificate that the reader makes; other tests send such requests. */
const ONLY_READ = ['client-authentication.md', 'mutual-tls.md', 'request-objects.md'];

const oauthPages = readdirSync(OAUTH).filter((file) => file.endsWith('.md'));

describe('the requests that the documents show', function () {
  this.timeout(20_000);
  let app: TestApp;
  let folder: string;

  before(async function () {
    if (spawnSync('curl', ['--version']).error) skipBecause(this, 'there is no curl');
    const password = 'four uncommon words together';
    folder = mkdtempSync(join(tmpdir(), 'fieldgate-docs-'));
    writeFileSync(join(folder, 'password'), password);
    const { dataDirectory, ...configuration } = CONFIGURATION;
    expect(dataDirectory, 'a folder apart from that of the reader').to.equal('./data/docs');
    const admin = { email: 'admin@example.org', username: 'admin', password };
    app = await startApp({ ...configuration, admin }, { runningClock: true });
  });
  after(async () => {
    await app?.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  /** What is shown of our address, in the words of this run. */
  const adapt = (text: string): string =>
    text
      .replaceAll(SHOWN_URL, app.url)
      .replaceAll('localhost:3000', new URL(app.url).host)
      .replaceAll(PASSWORD_FILE, join(folder, 'password'))
      .replaceAll(WAIT, '');

  const differenceOf = ({ language, text }: Block, printed: string): string | null => {
    const given = printed.replaceAll(app.url, SHOWN_URL);
    return language === 'http' ? httpDifference(text, given) : textDifference(text, given);
  };

  /** @returns where the browser of somebody who allows everything is sent, as `curl -i` would print it */
  const browse = async ({ text }: Block, shell: Shell): Promise<string> => {
    const path = adapt(text.replaceAll(/\n\s*/g, '').replace(/^GET /, ''));
    const address = await shell.run(`printf '%s' "${path.replaceAll('"', '\\"')}"`);
    const [{ email = '', password = '' } = {}] = CONFIGURATION.users ?? [];
    const next = await visit(app, address, { identifier: email, password });
    if (next === null) return '';
    for (const [name, value] of new URL(next).searchParams) {
      await shell.run(`${name.toUpperCase()}='${value.replaceAll("'", '')}'`);
    }
    return `HTTP/1.1 303 See Other\nLocation: ${next}`;
  };

  /** @returns how many answers were compared */
  const readPage = async (file: string): Promise<number> => {
    const shell = startShell();
    let printed = '';
    let compared = 0;
    try {
      const [once] = blocksOf(readFileSync(FIRST, 'utf8'));
      if (file !== FIRST && file !== 'README.md' && once) await shell.run(adapt(once.text));
      for (const block of blocksOf(readFileSync(file, 'utf8'))) {
        for (const [, seconds] of block.text.matchAll(WAIT)) app.clock.advance(Number(seconds));
        if (block.purpose === 'run') printed = await shell.run(adapt(block.text));
        if (block.purpose === 'browser') printed = await browse(block, shell);
        if (block.purpose !== 'answer') continue;
        const found = differenceOf(block, printed);
        if (found !== null) throw new Error(`${file}:${block.line}: ${found}`);
        compared += 1;
      }
    } finally {
      shell.close();
    }
    return compared;
  };

  for (const file of [
    'README.md',
    'docs/guides/second-factor-by-graphql.md',
    'docs/passwordless.md',
    ...oauthPages.map((page) => join(OAUTH, page)),
  ]) {
    if (ONLY_READ.some((page) => file.endsWith(page))) continue;
    it(`${file} shows what is answered`, async () => {
      expect(await readPage(file)).to.be.above(0);
    });
  }

  for (const page of oauthPages) {
    it(`${page} shows configuration that is taken, and that docs/oauth/fieldgate.yaml holds where it says so`, () => {
      const markdown = readFileSync(join(OAUTH, page), 'utf8');
      for (const [, mark = '', text = ''] of markdown.matchAll(/^```yaml( config)?\n([\s\S]*?)^```$/gm)) {
        const shown = parse(text) as ConfigInput;
        expect(configSchema.safeParse(shown).error?.message).to.equal(undefined);
        if (mark !== '') expect(absentOf(shown)).to.deep.equal([]);
      }
    });
  }

  /** Entries that the configuration of the pages does not have as they are shown. */
  const absentOf = (shown: object): string[] =>
    Object.entries(shown).flatMap(([key, value]: [string, unknown]) => {
      const held = (CONFIGURATION as Record<string, unknown>)[key];
      const entries: unknown[] = Array.isArray(value) ? value : [value];
      const candidates: unknown[] = Array.isArray(held) ? held : [held];
      const isHeld = (entry: unknown) =>
        candidates.some((one) => difference({ ...(entry as object), '…': '' }, one) === null);
      return entries.filter((entry) => !isHeld(entry)).map((entry) => `${key}: ${JSON.stringify(entry)}`);
    });
});
