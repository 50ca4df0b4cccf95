import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { startApp, type TestApp } from '../support/app.js';
import { keepPicture, launchChromium } from '../support/chromium.js';

const NEW_PASSWORD = 'amber Lantern 17 sails south';
/** WCAG 2.2 contrast ratio of every visible text of a page against the nearest ground behind it; the least. */
const LEAST_CONTRAST = `(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b]
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const groundOf = (element) => {
    const color = channels(getComputedStyle(element).backgroundColor);
    return color[3] === 0 && element.parentElement ? groundOf(element.parentElement) : color;
  };
  const ratios = [...document.body.querySelectorAll('*')]
    .filter((element) => element.checkVisibility())
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .map((element) => {
      const pair = [channels(getComputedStyle(element).color), groundOf(element)].map(luminance);
      return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    });
  return Math.min(...ratios);
})()`;

describe('the hosted pages in a browser without scripts', () => {
  let app: TestApp;
  let browser: Browser;
  before(async function () {
    browser = await launchChromium(this);
    app = await startApp();
  });
  after(async () => {
    await app?.close();
    await browser?.close();
  });

  async function linkTo(email: string): Promise<string> {
    return /https?:\S+/.exec((await app.lastLetterTo(email)).text)?.[0] ?? '';
  }

  /** A fresh browser profile; fails at its end when the page tried to load, run or log anything that it must not. */
  async function visit(
    look: { colorScheme: 'light' | 'dark'; width?: number; zoom?: number },
    tour: (page: Page) => Promise<void>,
  ): Promise<void> {
    const { colorScheme, width = 1024, zoom = 1 } = look;
    const context = await browser.newContext({
      colorScheme,
      javaScriptEnabled: false,
      // Zoom leaves a narrower viewport of larger pixels.
      viewport: { width: Math.round(width / zoom), height: Math.round(800 / zoom) },
      deviceScaleFactor: zoom,
    });
    try {
      const page = await context.newPage();
      const faults: string[] = [];
      page.on('console', (message) => faults.push(message.text()));
      page.on('requestfailed', (request) => faults.push(`failed: ${request.url()}`));
      page.on('request', (request) => {
        if (!request.url().startsWith(app.url) && !request.url().startsWith('data:'))
          faults.push(request.url());
      });
      await tour(page);
      expect(faults.filter((fault) => !/status of 4\d\d/.test(fault))).to.deep.equal([]);
    } finally {
      await context.close();
    }
  }

  /** Looks at one page: nothing overflows, everything can be read; keeps a picture. */
  async function inspect(page: Page, name: string): Promise<void> {
    await keepPicture(page, name);
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(overflow, `${name} is wider than its window`).to.be.at.most(0);
    expect(await page.evaluate(LEAST_CONTRAST), `${name} has too little contrast`).to.be.at.least(4.5);
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`confirms an address by its mailed link (${colorScheme})`, async () => {
      const person = await app.signUp();
      await visit({ colorScheme }, async (page) => {
        await page.goto(await linkTo(person.email));
        await inspect(page, `confirm-${colorScheme}`);
        await page.getByRole('button', { name: 'Confirm this address' }).click();
        await page.getByRole('heading', { name: 'Your address is confirmed' }).waitFor();
        expect(page.url()).to.equal(`${app.url}/confirm-email`);
        await inspect(page, `confirmed-${colorScheme}`);
      });
      expect(await app.signIn(person)).to.have.property('accessToken');
    });

    it(`sets a new password by its mailed link, after a weak one was refused (${colorScheme})`, async () => {
      const { email } = await app.signUpAndConfirm();
      await app.graphql(
        'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { accepted } }',
        { input: { identifier: email } },
      );
      await visit({ colorScheme }, async (page) => {
        await page.goto(await linkTo(email));
        await inspect(page, `reset-${colorScheme}`);
        const type = async (password: string) => {
          await page.getByLabel('New password', { exact: true }).fill(password);
          await page.getByLabel('New password, once more').fill(password);
          await page.keyboard.press('Enter');
        };
        await type('password');
        await page.getByRole('alert').waitFor();
        expect(await page.title()).to.match(/^Error: Set a new password/);
        expect(await page.evaluate('document.activeElement.className')).to.equal('errors');
        await inspect(page, `reset-refused-${colorScheme}`);
        await page.getByRole('alert').getByRole('link').click();
        expect(await page.evaluate('document.querySelector(":target").id')).to.equal('newPassword');
        await type(NEW_PASSWORD);
        await page.getByRole('heading', { name: 'Your password is set' }).waitFor();
        await inspect(page, `reset-done-${colorScheme}`);
      });
      expect(await app.signIn({ email, password: NEW_PASSWORD })).to.have.property('accessToken');
    });

    it(`shows home, dead links and missing pages (${colorScheme})`, async () => {
      await visit({ colorScheme }, async (page) => {
        for (const [name, path] of [
          ['home', '/'],
          ['dead-link', '/confirm-email?token=x'],
          ['missing', '/nowhere'],
        ] as const) {
          await page.goto(`${app.url}${path}`);
          await inspect(page, `${name}-${colorScheme}`);
        }
      });
    });
  }

  it('fits into 320 px, and into a window at 200 % zoom', async () => {
    const { email } = await app.signUp({ email: `${'long'.repeat(12)}@${'example'.repeat(6)}.com` });
    const link = await linkTo(email);
    for (const look of [{ width: 320 }, { width: 640, zoom: 2 }]) {
      await visit({ colorScheme: 'light', ...look }, async (page) => {
        await page.goto(link);
        await inspect(page, `narrow-${look.width}`);
        await page.goto(app.url);
        await inspect(page, `narrow-home-${look.width}`);
      });
    }
  });

  it('shows where the focus is when it moves by keyboard', async () => {
    const { email } = await app.signUp();
    await visit({ colorScheme: 'light' }, async (page) => {
      await page.goto(await linkTo(email));
      await page.keyboard.press('Tab');
      const outline = 'getComputedStyle(document.querySelector("button:focus-visible")).outlineWidth';
      expect(await page.evaluate(outline)).to.equal('3px');
      await inspect(page, 'focus');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Your address is confirmed' }).waitFor();
    });
  });

  it('does not appear in the frame of another page', async () => {
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      const frame = `<iframe src="${app.url}/" onload="document.title = 'loaded'"></iframe>`;
      await page.goto(`data:text/html,${encodeURIComponent(frame)}`);
      await page.waitForFunction('document.title === "loaded"');
      expect(page.frames()[1]?.url()).to.equal('chrome-error://chromewebdata/');
    } finally {
      await context.close();
    }
  });
});
