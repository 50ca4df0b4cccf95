import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.js';
import { allowAt, type Examples, signInAt, signOutAt, startExamples } from './examples.js';
import { HTTPS_FLAGS } from './https.js';

/** What the library keeps in the tab. */
async function storedIn(page: Page): Promise<Record<string, string>> {
  const text = await page.evaluate(
    'Object.entries(sessionStorage).find(([name]) => name.startsWith("oidc.user:"))?.[1] ?? "{}"',
  );
  return JSON.parse(String(text)) as Record<string, string>;
}

describe('the example of a browser-only app with oidc-client-ts', () => {
  let examples: Examples;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  before(async function () {
    browser = await launchChromium(this);
    examples = await startExamples(['api', 'spa']);
  });
  after(async () => {
    await browser?.close();
    await examples?.close();
  });
  beforeEach(async () => {
    context = await browser.newContext();
    page = await context.newPage();
  });
  afterEach(() => context.close());

  async function signIn(address: string): Promise<void> {
    await page.goto(address);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await signInAt(page, await examples.app.signUpAndConfirm());
    await allowAt(page);
    await page.getByText(/^Signed in as p\w+@example.com$/).waitFor();
  }

  it('signs in, calls the API, renews with refresh tokens that are used once, and signs out', async () => {
    await signIn(examples.spaUrl);
    expect(page.url()).to.equal(`${examples.spaUrl}/`);
    await page.getByLabel('Note').fill('Feed the cat');
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByText('Feed the cat').waitFor();

    const tokens = [await storedIn(page)];
    for (const _turn of [1, 2]) {
      await page.getByRole('button', { name: 'Renew' }).click();
      await page.getByText('Renewed').waitFor();
      tokens.push(await storedIn(page));
    }
    for (const name of ['access_token', 'refresh_token']) {
      const values = new Set(tokens.map((one) => one[name]));
      expect(values.has(undefined)).to.equal(false);
      expect(values.size, name).to.equal(3);
    }

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are not signed in.').waitFor();
    const token = tokens.at(-1)?.['access_token'] ?? '';
    expect((await examples.app.rest('/oauth/userinfo', { token })).status).to.equal(401);
    expect(await storedIn(page)).to.deep.equal({});
  });

  it('is told that nobody is signed in any more, instead of being asked in the frame', async () => {
    await signIn(`${examples.spaUrl}/?frame`);
    const other = await context.newPage();
    await other.goto(`${examples.app.url}/sign-out`);
    await signOutAt(other);
    await other.getByRole('heading', { name: 'Sign out?' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Renew' }).click();
    await page.getByText(/^Failed: /).waitFor();
  });
});

describe('the example of a browser-only app, of one site with Fieldgate behind https', () => {
  it('renews over the session in a hidden frame, without a refresh token', async function () {
    const browser = await launchChromium(this, HTTPS_FLAGS);
    const examples = await startExamples(['api', 'spa'], { https: true });
    try {
      const page = await (await browser.newContext()).newPage();
      await page.goto(`${examples.spaUrl}/?frame`);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await signInAt(page);
      await allowAt(page);
      await page.getByText('Signed in as ann@example.com').waitFor();
      const before = await storedIn(page);
      expect(before).to.have.property('access_token');
      expect(before).not.to.have.property('refresh_token');
      await page.getByRole('button', { name: 'Renew' }).click();
      await page.getByText('Renewed').waitFor();
      const after = await storedIn(page);
      expect(after['access_token']).to.be.a('string').and.not.equal(before['access_token']);
      expect(after).not.to.have.property('refresh_token');
      expect(page.url()).to.equal(`${examples.spaUrl}/`);
    } finally {
      await browser.close();
      await examples.close();
    }
  });
});
