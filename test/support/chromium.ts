import { existsSync } from 'node:fs';
import type { Context } from 'mocha';
import { type Browser, chromium } from 'playwright-core';
import { skipBecause } from './skip.js';

const PROGRAM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--no-first-run',
  '--disable-sync',
  '--disable-component-update',
];

/** The browser of the distribution. Without it the test or suite is skipped. */
export function launchChromium(context: Context, flags: readonly string[] = []): Promise<Browser> {
  if (!existsSync(PROGRAM)) skipBecause(context, `${PROGRAM} is not installed`);
  return chromium.launch({ executablePath: PROGRAM, args: [...FLAGS, ...flags] });
}
