import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { codeOf } from '../identity/factors/authenticatorApp.js';
import { type Authenticator, enrolTotp } from '../resolvers/authenticator.js';
import { mutate } from '../resolvers/mutate.js';
import { type Person, startApp, type TestApp, type Tokens } from '../support/app.js';
import { keepPicture, launchChromium } from '../support/chromium.js';

describe('the whole sign-in with each factor in a browser without scripts', () => {
  let app: TestApp;
  let browser: Browser;
  let person: Person & Tokens;
  let page: Page;
  before(async function () {
    browser = await launchChromium(this);
    app = await startApp({
      factors: { demands: [{ role: 'auditor', acr: 'aal2' }], emailSignIn: ['code', 'link'] },
    });
  });
  beforeEach(async () => {
    person = await app.signInAs();
    const context = await browser.newContext({ javaScriptEnabled: false });
    page = await context.newPage();
  });
  afterEach(() => page?.context().close());
  after(async () => {
    await app?.close();
    await browser?.close();
  });

  async function typePassword(): Promise<void> {
    await page.goto(`${app.url}/sign-in`);
    await page.getByLabel(/E-mail address/).fill(person.email);
    await page.getByLabel('Password', { exact: true }).fill(person.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }
  const press = (name: string | RegExp) => page.getByRole('button', { name }).click();
  const picture = (name: string) => keepPicture(page, `factor-${name}`);
  const answer = async (code: string) => {
    await page.getByLabel('Code').fill(code);
    await press('Continue');
  };
  const heading = () => page.getByRole('heading', { level: 1 }).innerText();
  async function signedInWith(amr: readonly string[]): Promise<void> {
    expect(await heading()).to.equal('You are signed in');
    const session = await app.deps.models.sessions.findOne({ userId: person.id }).sort({ _id: -1 }).lean();
    expect(session).to.deep.include({ acr: 'aal2', amr });
  }
  async function withApp(): Promise<Authenticator> {
    const authenticator = await enrolTotp(app, person.accessToken);
    app.clock.advance(30);
    return authenticator;
  }

  it('takes the code of an authenticator app, also after a wrong one', async () => {
    const authenticator = await withApp();
    await typePassword();
    expect(await heading()).to.equal('One more step');
    await picture('choice');
    await press('Use the app Phone');
    await picture('totp');
    await answer('000000');
    expect(await page.getByRole('alert').innerText()).to.include('This code is not right');
    await picture('wrong');
    await answer(authenticator.code());
    await signedInWith(['pwd', 'otp', 'mfa']);
  });

  it('takes the code of a mail', async () => {
    const begun = await mutate(app, 'addEmailFactor', null, { token: person.accessToken }, 'factorId');
    const { factorId } = begun.payload;
    const { code } = await app.lastLetterTo(person.email);
    await mutate(app, 'confirmEmailFactor', { factorId, code }, { token: person.accessToken });
    app.clock.advance(60);
    await typePassword();
    await press(/Mail a code to p•••@example.com/);
    await picture('email');
    await answer((await app.lastLetterTo(person.email)).code);
    await signedInWith(['pwd', 'otp', 'mfa']);
  });

  it('takes the code of a text message', async () => {
    const phone = `+4420794${String(Date.now()).slice(-5)}`;
    await app.deps.models.users.updateOne({ _id: person.id }, { $set: { phone, phoneVerified: true } });
    const begun = await mutate(app, 'addSmsFactor', null, { token: person.accessToken }, 'factorId');
    const { factorId } = begun.payload;
    const { code } = await app.lastLetterTo(phone);
    await mutate(app, 'confirmSmsFactor', { factorId, code }, { token: person.accessToken });
    app.clock.advance(60);
    await typePassword();
    await press(/Text a code to •••• /);
    await picture('sms');
    await answer((await app.lastLetterTo(phone)).code);
    await signedInWith(['pwd', 'sms', 'mfa']);
  });

  it('takes a recovery code, once', async () => {
    const { recoveryCodes } = await withApp();
    const [code = ''] = recoveryCodes ?? [];
    await typePassword();
    await press('Use a recovery code');
    await picture('recovery');
    await answer(code);
    await signedInWith(['pwd', 'otp', 'mfa']);
    await page.context().clearCookies();
    await typePassword();
    await press('Use a recovery code');
    await answer(code);
    expect(await page.getByRole('alert').innerText()).to.include('was used already');
  });

  it('takes a mailed code in place of the password, and then the app', async () => {
    const authenticator = await withApp();
    await page.goto(`${app.url}/sign-in`);
    await page.getByRole('link', { name: 'Sign in by mail' }).click();
    await page.getByLabel('E-mail address').fill(person.email);
    await picture('mail-ask');
    await press('Send the mail');
    expect(await heading()).to.equal('Look into your mail');
    await picture('mail-sent');
    await answer('abcdef');
    expect(await page.getByRole('alert').innerText()).to.include('This code is not right');
    await answer((await app.lastLetterTo(person.email)).code);
    await press('Use the app Phone');
    await answer(authenticator.code());
    await signedInWith(['mca', 'otp', 'mfa']);
  });

  it('takes a mailed link in the browser that asked for it, in no other', async () => {
    await page.goto(`${app.url}/sign-in/email`);
    await page.getByLabel('E-mail address').fill(person.email);
    await press('Send the mail');
    const [link = ''] = /https?:\S+/.exec((await app.lastLetterTo(person.email)).text) ?? [];
    const elsewhere = await (await browser.newContext()).newPage();
    await elsewhere.goto(link);
    expect(await elsewhere.getByRole('heading', { level: 1 }).innerText()).to.equal(
      'Open this link where you asked for it',
    );
    await keepPicture(elsewhere, 'factor-mail-elsewhere');
    await elsewhere.context().close();
    await page.goto(link);
    await picture('mail-link');
    await press('Sign in');
    expect(await heading()).to.equal('You are signed in');
    const session = await app.deps.models.sessions.findOne({ userId: person.id }).sort({ _id: -1 }).lean();
    expect(session).to.deep.include({ acr: 'aal1', amr: ['mca'] });
  });

  it('does not ask again in a browser that is trusted', async () => {
    const authenticator = await withApp();
    await typePassword();
    await press('Use the app Phone');
    await page.getByLabel(/Do not ask in this browser/).check();
    await answer(authenticator.code());
    await signedInWith(['pwd', 'otp', 'mfa']);
    await typePassword();
    expect(await heading()).to.equal('You are signed in');
  });

  it('sets an app up on the way in where a level is demanded, and shows recovery codes', async () => {
    await app.deps.models.users.updateOne(
      { _id: person.id },
      { $set: { roleAssignments: [{ role: 'user' }, { role: 'auditor' }] } },
    );
    await typePassword();
    expect(await heading()).to.equal('Set up a second step');
    await press('Use an authenticator app');
    await picture('enrol');
    expect(
      await page.locator('img.qr').evaluate((image: { naturalWidth: number }) => image.naturalWidth),
    ).to.be.above(0);
    await page.getByText('Type the key instead').click();
    const seed = (await page.locator('.key').innerText()).replaceAll(' ', '');
    await picture('enrol-key');
    await page.getByLabel(/Code/).fill(codeOf(app, seed));
    await press('Continue');
    expect(await heading()).to.equal('Keep these recovery codes');
    expect(await page.locator('.codes li').count()).to.equal(10);
    const session = await app.deps.models.sessions.findOne({ userId: person.id }).sort({ _id: -1 }).lean();
    expect(session).to.deep.include({ acr: 'aal2' });
  });

  it('sets codes by mail up on the way in, also after a wrong one and a second letter', async () => {
    await app.deps.models.users.updateOne(
      { _id: person.id },
      { $set: { roleAssignments: [{ role: 'user' }, { role: 'auditor' }] } },
    );
    await typePassword();
    await press('Use codes by e-mail');
    await picture('enrol-mail');
    const first = (await app.lastLetterTo(person.email)).code;
    app.clock.advance(31);
    await press('Send another code');
    const { code } = await app.lastLetterTo(person.email);
    await answer(code === first ? '000000' : first);
    expect(await page.getByRole('alert').innerText()).to.include('Type the code of the newest message');
    await answer(code);
    expect(await heading()).to.equal('Keep these recovery codes');
    const factors = await app.deps.models.factors.find({ userId: person.id }).lean();
    expect(factors.map(({ kind }) => kind)).to.deep.equal(['email']);
  });

  it('locks after wrong codes, whichever sign-in they came in, and says so', async () => {
    await withApp();
    for (let tries = 0; tries < 12; tries += 1) {
      await typePassword();
      await press('Use the app Phone');
      await answer('000000');
      if (await page.getByText(/Too many|locked/i).count()) break;
    }
    await picture('locked');
    expect(await page.locator('main').innerText()).to.match(/too many|locked/i);
    expect(await app.deps.models.sessions.countDocuments({ userId: person.id })).to.equal(1);
  });
}).timeout(120_000);
