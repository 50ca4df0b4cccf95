import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { noteFailedPair } from '../../src/identity/risk/stuffing.js';
import { createVisitor } from '../pages/visitor.js';
import { type Person, startApp, type TestApp } from '../support/app.js';
import { launchChromium } from '../support/chromium.js';

describe('the CAPTCHA on the pages', () => {
  let app: TestApp;
  let browser: Browser;
  let person: Person;
  before(async function () {
    browser = await launchChromium(this);
    app = await startApp({
      captcha: { proofOfWorkCost: 10 },
      // Else the right password would lead to a code by e-mail.
      risk: { weights: { stuffingAddress: 0 } },
    });
    person = await app.signUpAndConfirm();
    for (let name = 0; name < 10; name += 1) await noteFailedPair(app.deps, `name${name}`, '127.0.0.1');
  });
  after(async () => {
    await app?.close();
    await browser?.close();
  });

  it('is solved by the browser, and lets the person in once', async () => {
    const page = await (await browser.newContext()).newPage();
    const faults: string[] = [];
    page.on('console', (message) => faults.push(message.text()));
    await page.goto(`${app.url}/sign-in`);
    await page.getByText('Done: your browser has shown').waitFor();
    await page.getByLabel('E-mail address').fill(person.email);
    await page.getByLabel('Password').fill(person.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('You are signed in').first().waitFor();
    expect(faults).to.deep.equal([]);
  });

  for (const path of ['/sign-in', '/sign-in/new-password', '/register', '/forgot-password']) {
    it(`is asked for at ${path}, of whoever sends the form without it`, async () => {
      const visitor = createVisitor(app);
      const shown = await visitor.open(path);
      expect(shown.text).to.include('data-captcha-task');
      expect(shown.headers.get('content-security-policy')).to.include("script-src 'self'");
      const fields = {
        name: '',
        identifier: 'ada@example.com',
        email: 'ada@example.com',
        password: 'tundra-velvet-occasion',
        newPassword: 'granite.lantern.mosaic',
      };
      const named = Object.entries(fields).filter(([name]) => shown.text.includes(`name="${name}"`));
      const answer = await visitor.send(shown, Object.fromEntries(named));
      expect(answer.status).to.equal(400);
      expect(answer.text).to.include('Show that you are no program');
    });
  }
});
