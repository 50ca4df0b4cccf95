import { createServer, type Server } from 'node:http';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { redeem, requestOf, startFlows } from '../oauth/authorize/flow.js';
import type { TestApp } from '../support/app.js';
import { keepPicture, launchChromium } from '../support/chromium.js';
import { freePort } from '../support/freePort.js';

const PAYMENT = { type: 'payment_initiation', amount: '12.50', currency: 'EUR' };

describe('the consent page in a browser without scripts', () => {
  let app: TestApp;
  let browser: Browser;
  let receiver: Server;
  let callback: string;
  before(async function () {
    browser = await launchChromium(this);
    const port = await freePort();
    callback = `http://127.0.0.1:${port}/web`;
    receiver = createServer((_request, response) => response.end('received'));
    await new Promise<void>((resolve) => receiver.listen(port, '127.0.0.1', resolve));
    app = await startFlows({
      authorizationDetailsTypes: [
        {
          type: 'payment_initiation',
          description: 'Pay once from your account',
          fields: [
            { name: 'amount', label: 'Amount' },
            { name: 'currency', label: 'Currency' },
          ],
        },
      ],
    });
    const authorizationDetailsTypes = ['payment_initiation'];
    await app.deps.models.clients.updateOne({ _id: 'web' }, { $set: { authorizationDetailsTypes } });
  });
  after(async () => {
    receiver?.close();
    await app?.close();
    await browser?.close();
  });

  async function visit(
    look: { colorScheme: 'light' | 'dark'; width: number },
    tour: (page: Page) => Promise<void>,
  ): Promise<void> {
    const { colorScheme, width } = look;
    const viewport = { width, height: 900 };
    const context = await browser.newContext({ colorScheme, javaScriptEnabled: false, viewport });
    try {
      await tour(await context.newPage());
    } finally {
      await context.close();
    }
  }

  for (const look of [
    { colorScheme: 'light', width: 1024 },
    { colorScheme: 'dark', width: 320 },
  ] as const) {
    it(`lets each scope, claim and entry be left out, by keyboard too (${look.colorScheme}, ${look.width} px)`, async () => {
      const person = await app.signUpAndConfirm();
      const { path, verifier } = requestOf({
        redirect_uri: callback,
        scope: 'openid profile email',
        claims: JSON.stringify({ id_token: { email: { essential: true } } }),
        authorization_details: JSON.stringify([PAYMENT]),
      });
      let received = '';
      await visit(look, async (page) => {
        await page.goto(`${app.url}${path}`);
        await page.getByLabel('E-mail address, phone number or username').fill(person.email);
        await page.getByLabel('Password').fill(person.password);
        await page.getByRole('button', { name: 'Sign in' }).click();
        await page.getByRole('heading', { name: 'Allow Photo Book?' }).waitFor();
        await page.getByText('Choose what exactly of: See your e-mail address').focus();
        await page.keyboard.press('Enter');
        const verified = page.getByRole('checkbox', { name: 'Whether your e-mail address is confirmed' });
        await verified.waitFor();
        await verified.focus();
        await page.keyboard.press('Space');
        expect(await verified.isChecked()).to.equal(false);
        await page
          .getByRole('checkbox', { name: 'See your name, picture and other public details' })
          .uncheck();
        const payment = page.getByRole('group', { name: 'This time, it may:' });
        expect(await payment.textContent())
          .to.include('12.50')
          .and.include('EUR');
        await keepPicture(page, `consent-${look.colorScheme}`);
        const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect(overflow, 'wider than its window').to.be.at.most(0);
        await page.getByRole('button', { name: 'Allow' }).click();
        await page.waitForURL((url) => url.href.startsWith(callback));
        received = page.url();
      });
      const code = new URL(received).searchParams.get('code');
      const { body } = await redeem(app, code, verifier, { redirect_uri: callback });
      expect(body.scope).to.equal('openid email');
      expect(body.authorization_details).to.deep.equal([PAYMENT]);
      const { body: known } = await app.rest('/oauth/userinfo', { token: body.access_token });
      expect(known).to.deep.equal({ sub: person.id, email: person.email });
    });
  }
});
