import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../support/chromium.js';
import { allowAt, type Examples, signInAt, startExamples } from './examples.js';

describe('the example of a server-side app, in a browser', () => {
  let examples: Examples;
  let browser: Browser;
  before(async function () {
    browser = await launchChromium(this);
    // Shorter than the app renews before the end of a token: each page is a refresh.
    examples = await startExamples(['api', 'web'], {
      adjust: (config) => ({
        ...config,
        clients: config.clients?.map((client) => ({ ...client, accessTokenTtlSeconds: 20 })) ?? [],
      }),
    });
  });
  after(async () => {
    await browser?.close();
    await examples?.close();
  });

  it('signs in, asks for consent, calls the API with renewed tokens, and signs out', async () => {
    const { app, webUrl } = examples;
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(webUrl);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await signInAt(page);
    await allowAt(page);
    await page.getByText('Signed in as ann@example.com').waitFor();
    expect(page.url()).to.equal(`${webUrl}/notes`);

    await page.getByLabel('Note').fill('<b>Water</b> the plants');
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByText('<b>Water</b> the plants').waitFor();
    const cookies = await context.cookies();
    const own = cookies.find(({ name }) => name === 'notes_session');
    expect(own).to.include({ httpOnly: true, sameSite: 'Lax' });
    await app.settled();
    expect(await app.deps.models.refreshFamilies.countDocuments({ counter: { $gt: 1 } })).to.equal(1);

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Sign in' }).waitFor();
    expect(page.url()).to.equal(`${webUrl}/`);
    expect(await app.deps.models.sessions.countDocuments({ revokedAt: null })).to.equal(0);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await context.close();
  });

  it('says so when the person refuses, and shows no notes to nobody', async () => {
    const { webUrl } = examples;
    const context = await browser.newContext();
    const page = await context.newPage();
    const person = await examples.app.signUpAndConfirm();
    await page.goto(`${webUrl}/notes`);
    await signInAt(page, person);
    await page.getByRole('heading', { name: 'Allow Notes on the web?' }).waitFor();
    await page.getByRole('button', { name: 'Refuse' }).click();
    await page.getByText('You did not allow it.').waitFor();
    await context.close();
  });
});
