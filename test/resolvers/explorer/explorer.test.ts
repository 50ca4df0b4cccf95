import { expect } from 'chai';
import { startApp, type TestApp } from '../../support/app.js';
import { launchChromium } from '../../support/chromium.js';

describe('the explorer', () => {
  let app: TestApp;
  before(async () => {
    app = await startApp();
  });
  after(() => app.close());

  it('comes with a policy that lets nothing load from elsewhere', async () => {
    const answer = await fetch(`${app.url}/explorer`);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).to.contain("default-src 'none'").and.contain("script-src 'self'");
    expect(policy).to.not.match(/https?:|\*/);
    const html = await answer.text();
    for (const [, path = ''] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      const file = await fetch(`${app.url}${path}`);
      expect(file.status, path).to.equal(200);
      expect((await file.arrayBuffer()).byteLength, path).to.be.above(0);
    }
    const etag = answer.headers.get('etag') ?? '';
    const again = await fetch(`${app.url}/explorer`, { headers: { 'if-none-match': etag } });
    expect(again.status).to.equal(304);
  });

  it('runs a query in a browser with the session cookie, without a request to anybody else', async function () {
    this.timeout(60_000);
    const { email, password } = await app.signUpAndConfirm();
    const browser = await launchChromium(this);
    try {
      const page = await browser.newPage();
      const foreign: string[] = [];
      const complaints: string[] = [];
      page.on('request', (request) => {
        if (!request.url().startsWith(app.url) && !/^(?:data|blob):/.test(request.url()))
          foreign.push(request.url());
      });
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text().slice(0, 200));
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.goto(`${app.url}/explorer`);
      const signIn = `mutation { signIn(input: { identifier: "${email}", password: "${password}", session: COOKIE }) { result { __typename } } }`;
      const signedIn = await page.evaluate(
        `fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(JSON.stringify({ query: signIn }))} }).then((answer) => answer.text())`,
      );
      expect(signedIn).to.contain('SignedIn');
      // Before the editor shows its text, the button runs nothing.
      await page.locator('.graphiql-query-editor', { hasText: 'viewer' }).waitFor();
      await page.click('.graphiql-execute-button');
      const response = page.locator('.graphiql-response');
      await response
        .filter({ hasText: email })
        .waitFor({ timeout: 30_000 })
        .catch(async () => expect.fail(`not in the answer: ${await response.innerText()}`));
      expect(foreign).to.deep.equal([]);
      expect(complaints).to.deep.equal([]);
    } finally {
      await browser.close();
    }
  });
});
