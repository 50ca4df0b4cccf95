import { expect } from 'chai';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { type Person, startApp, type TestApp } from '../support/app.js';
import { keepPicture, launchChromium } from '../support/chromium.js';
import { freePort } from '../support/freePort.js';

/** Sends one operation from the page that is open, as an app of the same origin would. */
const SEND = `async ({ query, variables }) => {
  const answer = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return answer.json();
}`;

/** What an app does with the options of the API: the JSON forms of WebAuthn Level 3 in and out. */
const CREATE = `async (options) => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return (await navigator.credentials.create({ publicKey })).toJSON();
}`;
const GET = `async (options) => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return (await navigator.credentials.get({ publicKey })).toJSON();
}`;

// As in `Http`: a field that is not there makes the test fail.
// oxlint-disable-next-line typescript/no-explicit-any
type Data = any;

interface Visitor {
  readonly page: Page;
  readonly keys: CDPSession;
  readonly context: BrowserContext;
  readonly authenticatorId: string;
  send(query: string, variables?: object): Promise<Data>;
  /** Runs `CREATE` or `GET`. */
  ask(script: string, options: object): Promise<Data>;
}

describe('passkeys in Chromium, with its virtual authenticator', () => {
  let app: TestApp;
  let browser: Browser;
  let origin: string;
  before(async function () {
    browser = await launchChromium(this);
    const port = await freePort();
    // A relying party is a name, never an address.
    origin = `http://localhost:${port}`;
    app = await startApp({ issuer: origin, listen: { port } });
  });
  after(async () => {
    await app?.close();
    await browser?.close();
  });

  async function visitor(): Promise<Visitor> {
    const context = await browser.newContext();
    const page = await context.newPage();
    const keys = await context.newCDPSession(page);
    await keys.send('WebAuthn.enable');
    const { authenticatorId } = await keys.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    const run = (script: string, given: object) =>
      page.evaluate<Data>(`(${script})(${JSON.stringify(given)})`);
    return {
      page,
      keys,
      context,
      authenticatorId,
      send: async (query, variables = {}) => {
        const answer = await run(SEND, { query, variables });
        expect(answer.errors, JSON.stringify(answer)).to.equal(undefined);
        return answer.data;
      },
      ask: run,
    };
  }

  /** Signs in through the API from a page of ours, and adds a passkey to the account. */
  async function enrolled(): Promise<Visitor & { readonly person: Person }> {
    const person = await app.signUpAndConfirm();
    const self = await visitor();
    await self.page.goto(`${origin}/livez`);
    const { signIn } = await self.send(
      'mutation ($input: SignInInput!) { signIn(input: $input) { result { __typename } } }',
      { input: { identifier: person.email, password: person.password, session: 'COOKIE' } },
    );
    expect(signIn.result.__typename).to.equal('SignedIn');
    const begun = await self.send('mutation { addPasskeyOptions { options } }');
    const passkey = await self.ask(CREATE, begun.addPasskeyOptions.options);
    const { addPasskey: done } = await self.send(
      `mutation ($input: AddPasskeyInput!) { addPasskey(input: $input) {
        factor { kind name } recoveryCodes userErrors { code message } } }`,
      { input: { name: 'This laptop', passkey } },
    );
    expect(done.userErrors).to.deep.equal([]);
    expect(done.factor).to.deep.equal({ kind: 'WEBAUTHN', name: 'This laptop' });
    expect(done.recoveryCodes).to.have.length(10);
    await self.context.clearCookies();
    return { ...self, person };
  }

  const viewerOf = async (self: Visitor) => {
    await self.page.goto(`${origin}/livez`);
    return (await self.send('{ viewer { email sessions(first: 5) { nodes { acr amr current } } } }')).viewer;
  };
  const current = (viewer: Data) => viewer.sessions.nodes.find((node: Data) => node.current);
  const picture = (self: Visitor, name: string) => keepPicture(self.page, name);

  it('are enrolled through the API, and sign in without a name or password: phr', async () => {
    const self = await enrolled();
    const { page, person, keys, authenticatorId } = self;
    await keys.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: false });
    await page.goto(`${origin}/sign-in`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
    await picture(self, 'sign-in-passkey');
    await keys.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true });
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByRole('heading', { name: 'You are signed in' }).waitFor();
    const viewer = await viewerOf(self);
    expect(viewer.email).to.equal(person.email);
    expect(current(viewer)).to.deep.include({ acr: 'phr', amr: ['hwk', 'user', 'mfa'] });
    await self.context.close();
  });

  it('are offered where the name is typed (conditional UI)', async () => {
    const self = await enrolled();
    await self.page.goto(`${origin}/sign-in`);
    await self.page.getByRole('heading', { name: 'You are signed in' }).waitFor();
    expect(current(await viewerOf(self))).to.deep.include({ acr: 'phr' });
    await self.context.close();
  });

  it('are a second factor beside the password', async () => {
    const self = await enrolled();
    const { page, person, keys, authenticatorId } = self;
    await keys.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: false });
    await page.goto(`${origin}/sign-in`);
    await page.getByLabel(/E-mail address/).fill(person.email);
    await page.getByLabel('Password', { exact: true }).fill(person.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('button', { name: 'Use the passkey This laptop' }).click();
    await page.getByRole('button', { name: 'Use your passkey' }).waitFor();
    await picture(self, 'factor-passkey');
    await keys.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true });
    await page.getByRole('button', { name: 'Use your passkey' }).click();
    await page.getByRole('heading', { name: 'You are signed in' }).waitFor();
    expect(current(await viewerOf(self))).to.deep.include({ acr: 'phr', amr: ['pwd', 'hwk', 'user', 'mfa'] });
    await self.context.close();
  });

  /** Signs in by the API without a name. */
  async function byApi(self: Visitor): Promise<Data> {
    await self.page.goto(`${origin}/livez`);
    const begun = await self.send('mutation { beginPasskeySignIn { options } }');
    const passkey = await self.ask(GET, begun.beginPasskeySignIn.options);
    const { signInByPasskey } = await self.send(
      `mutation ($input: SignInByPasskeyInput!) { signInByPasskey(input: $input) {
        result { __typename ... on SignedIn { user { email } session { acr } } } userErrors { code } } }`,
      { input: { passkey } },
    );
    return { ...signInByPasskey, passkey };
  }

  it('sign in through the API, each answer once', async () => {
    const self = await enrolled();
    const { result, passkey } = await byApi(self);
    expect(result).to.deep.equal({
      __typename: 'SignedIn',
      user: { email: self.person.email },
      session: { acr: 'phr' },
    });
    const again = await self.send(
      'mutation ($input: SignInByPasskeyInput!) { signInByPasskey(input: $input) { userErrors { code } } }',
      { input: { passkey } },
    );
    expect(again.signInByPasskey.userErrors).to.deep.equal([{ code: 'CODE_INVALID' }]);
    await self.context.close();
  });

  it('let one of 50 callers with one answer in', async () => {
    const self = await enrolled();
    const begun = await self.send('mutation { beginPasskeySignIn { options } }');
    const passkey = await self.ask(GET, begun.beginPasskeySignIn.options);
    const query =
      'mutation ($input: SignInByPasskeyInput!) { signInByPasskey(input: $input) { result { __typename } } }';
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => app.graphql(query, { input: { passkey } })),
    );
    expect(answers.filter(({ data }) => data?.signInByPasskey?.result)).to.have.length(1);
    await self.context.close();
  });

  it('are several, each with its name, of which one answer of 50 adds one', async () => {
    const self = await enrolled();
    const { page, keys, context } = self;
    await page.goto(`${origin}/sign-in`);
    await page.getByRole('heading', { name: 'You are signed in' }).waitFor();
    await page.goto(`${origin}/livez`);
    const begun = await self.send('mutation { addPasskeyOptions { options } }');
    const { options } = begun.addPasskeyOptions;
    // The browser makes no second key on the same device.
    expect(options.excludeCredentials).to.have.length(1);
    const usb = { protocol: 'ctap2', transport: 'usb', automaticPresenceSimulation: true } as const;
    await keys.send('WebAuthn.addVirtualAuthenticator', {
      options: { ...usb, hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
    });
    const passkey = await self.ask(CREATE, options);
    const cookie = (await context.cookies(origin)).map(({ name, value }) => `${name}=${value}`).join('; ');
    const added = await Promise.all(
      Array.from({ length: 50 }, () =>
        app.graphql(
          'mutation ($input: AddPasskeyInput!) { addPasskey(input: $input) { factor { name } } }',
          { input: { name: 'Blue key', passkey } },
          { cookie },
        ),
      ),
    );
    expect(added.filter(({ data }) => data?.addPasskey?.factor)).to.have.length(1);
    const { viewer } = await self.send('{ viewer { factors { kind name } } }');
    expect(viewer.factors).to.deep.equal([
      { kind: 'WEBAUTHN', name: 'This laptop' },
      { kind: 'WEBAUTHN', name: 'Blue key' },
    ]);
    await keys.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: self.authenticatorId });
    await context.clearCookies();
    expect((await byApi(self)).result).to.deep.include({ user: { email: self.person.email } });
    await context.close();
  });

  it('are refused as clones when their counter does not grow', async () => {
    const self = await enrolled();
    expect((await byApi(self)).result.__typename).to.equal('SignedIn');
    await app.deps.models.factors.updateOne(
      { userId: self.person.id, kind: 'webauthn' },
      { $set: { signatureCounter: 1_000_000 } },
    );
    const { result, userErrors } = await byApi(self);
    expect(result).to.equal(null);
    expect(userErrors).to.deep.equal([{ code: 'CODE_INVALID' }]);
    await self.context.close();
  });

  it('are refused from another origin, whatever it passes on', async () => {
    const self = await enrolled();
    const begun = await self.send('mutation { beginPasskeySignIn { options } }');
    const { options } = begun.beginPasskeySignIn;
    const passkey = await self.ask(GET, options);
    const clientData = JSON.parse(Buffer.from(passkey.response.clientDataJSON, 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...clientData, origin: 'https://evil.example' }));
    const response = { ...passkey.response, clientDataJSON: forged.toString('base64url') };
    const { signInByPasskey } = await self.send(
      'mutation ($input: SignInByPasskeyInput!) { signInByPasskey(input: $input) { userErrors { code } } }',
      { input: { passkey: { ...passkey, response } } },
    );
    expect(signInByPasskey.userErrors).to.deep.equal([{ code: 'CODE_INVALID' }]);
    // The browser itself gives a page of another site no key of ours.
    await self.page.goto(origin.replace('localhost', '127.0.0.1').concat('/livez'));
    const denied = await self.ask(GET, options).then(
      () => 'given',
      (error: Error) => error.message,
    );
    expect(denied).to.match(/SecurityError/);
    await self.context.close();
  });

  it('are set up on the way in where a level is demanded, without another page', async () => {
    const strict = await freePort();
    const issuer = `http://localhost:${strict}`;
    const demanding = await startApp({ issuer, listen: { port: strict }, factors: { requiredAcr: 'phr' } });
    try {
      const person = await demanding.signUpAndConfirm();
      const self = await visitor();
      const { page } = self;
      await page.goto(`${issuer}/sign-in`);
      await page.getByLabel(/E-mail address/).fill(person.email);
      await page.getByLabel('Password', { exact: true }).fill(person.password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('button', { name: 'Use a passkey or security key' }).click();
      await picture(self, 'enrol-passkey');
      await page.getByRole('button', { name: 'Set up the passkey' }).click();
      await page.getByRole('heading', { name: 'Keep these recovery codes' }).waitFor();
      await picture(self, 'recovery-codes');
      const session = await demanding.deps.models.sessions.findOne({ userId: person.id }).lean();
      expect(session).to.deep.include({ acr: 'phr', amr: ['pwd', 'hwk', 'mfa'] });
      await self.context.close();
    } finally {
      await demanding.close();
    }
  });
}).timeout(120_000);
