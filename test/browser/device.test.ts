import { expect } from 'chai';
import jsqr from 'jsqr';
import type { Browser, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { poll, startDevice, startDevices } from '../oauth/device/device.js';
import type { Person, TestApp } from '../support/app.js';
import { keepPicture, launchChromium } from '../support/chromium.js';

const decode = jsqr as unknown as typeof jsqr.default;

describe('connecting a device, in a browser without scripts', () => {
  let app: TestApp;
  let browser: Browser;
  before(async function () {
    browser = await launchChromium(this);
    app = await startDevices();
  });
  after(async () => {
    await app?.close();
    await browser?.close();
  });

  async function visit(
    look: { colorScheme: 'light' | 'dark'; width?: number },
    tour: (page: Page) => Promise<void>,
  ): Promise<void> {
    const { colorScheme, width = 1024 } = look;
    const viewport = { width, height: 900 };
    const context = await browser.newContext({ colorScheme, javaScriptEnabled: false, viewport });
    try {
      const page = await context.newPage();
      const faults: string[] = [];
      page.on('console', (message) => faults.push(message.text()));
      page.on('requestfailed', (request) => faults.push(`failed: ${request.url()}`));
      await tour(page);
      expect(faults.filter((fault) => !/status of 4\d\d/.test(fault))).to.deep.equal([]);
    } finally {
      await context.close();
    }
  }

  async function keep(page: Page, name: string): Promise<void> {
    await keepPicture(page, `device-${name}`);
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(overflow, `${name} is wider than its window`).to.be.at.most(0);
  }

  async function signIn(page: Page, { email, password }: Person): Promise<void> {
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByLabel('E-mail address, phone number or username').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  for (const look of [
    { colorScheme: 'light', width: 1024 },
    { colorScheme: 'dark', width: 320 },
  ] as const) {
    it(`is typed, signed in for and confirmed (${look.colorScheme}, ${look.width} px)`, async () => {
      const person = await app.signUpAndConfirm();
      const { device_code: deviceCode, user_code: userCode } = await startDevice(app);
      await visit(look, async (page) => {
        await page.goto(`${app.url}/device`);
        await keep(page, `entry-${look.colorScheme}`);
        await page.getByLabel('Code on the device').fill('nonsense');
        await page.keyboard.press('Enter');
        await page.getByRole('alert').waitFor();
        await keep(page, `entry-refused-${look.colorScheme}`);
        await page.getByLabel('Code on the device').fill(userCode.toLowerCase());
        await page.getByRole('button', { name: 'Continue' }).click();
        await signIn(page, person);
        await page.getByRole('heading', { name: 'Connect Living Room TV?' }).waitFor();
        expect(await page.locator('.code').textContent()).to.equal(userCode);
        await keep(page, `confirm-${look.colorScheme}`);
        await page.getByRole('button', { name: 'Connect' }).click();
        await page.getByRole('heading', { name: 'Your device is connected' }).waitFor();
        await keep(page, `connected-${look.colorScheme}`);
      });
      expect((await poll(app, deviceCode)).status).to.equal(200);
    });
  }

  it('shows a QR code that a phone reads, where the page was opened on the device itself', async () => {
    const { verification_uri_complete: address, user_code: userCode } = await startDevice(app);
    await visit({ colorScheme: 'light' }, async (page) => {
      await page.goto(address);
      expect(await page.getByLabel('Code on the device').inputValue()).to.equal(userCode);
      await page.getByText('Continue on your phone instead').click();
      const picture = page.getByRole('img', { name: /QR code/ });
      await picture.waitFor();
      const { data, width, height } = PNG.sync.read(await picture.screenshot());
      expect(decode(new Uint8ClampedArray(data), width, height)?.data).to.equal(address);
      await keep(page, 'qr');
    });
  });

  it('can be refused, also after an account was created on the way', async () => {
    const person = await app.signUpAndConfirm();
    const { device_code: deviceCode, verification_uri_complete: address } = await startDevice(app);
    await visit({ colorScheme: 'light' }, async (page) => {
      await page.goto(address);
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('link', { name: 'Create an account' }).click();
      await page.getByRole('link', { name: 'I have an account' }).click();
      await signIn(page, person);
      await page.getByRole('button', { name: 'Refuse' }).click();
      await page.getByRole('heading', { name: 'You refused' }).waitFor();
    });
    expect((await poll(app, deviceCode)).body.error).to.equal('access_denied');
  });
});
