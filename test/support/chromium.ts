import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from 'mocha';
import { type Browser, chromium, type Page } from 'playwright-core';
import { skipBecause } from './skip.js';

const PROGRAM = '/usr/bin/chromium';
/** The list under the address bar: a page of its own in each window, of half a second of processor time. */
const OMNIBOX = 'WebUIOmniboxPopup,WebUIOmniboxFullPopup,WebUIOmniboxAimPopup';
/** What Playwright turns off, said again: of several such options Chromium heeds the last. */
const PLAYWRIGHT =
  'AimEnabled,AvoidCorsURLLoaderRestartOnRedirect,AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,' +
  'HttpsFirstBalancedModeAutoEnable,HttpsUpgrades,LensOverlay,MediaRouter,NetworkTimeServiceQuerying,' +
  'OptimizationHints,PaintHolding,PreconnectToSearch,ThirdPartyStoragePartitioning';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--no-first-run',
  '--disable-sync',
  '--disable-component-update',
  `--disable-features=${OMNIBOX},${PLAYWRIGHT}`,
];

/** The browser of the distribution. Without it the test or suite is skipped. */
export function launchChromium(context: Context, flags: readonly string[] = []): Promise<Browser> {
  if (!existsSync(PROGRAM)) skipBecause(context, `${PROGRAM} is not installed`);
  return chromium.launch({ executablePath: PROGRAM, args: [...FLAGS, ...flags] });
}

/** Keeps a picture of a whole page in the folder that `SCREENSHOTS` names; without one, none is drawn. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
