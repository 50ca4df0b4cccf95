import { expect } from 'chai';
import { startApp, type TestApp } from '../support/app.js';
import type { Answer } from '../support/http.js';

const PAGES = [
  '/',
  '/sign-in',
  '/sign-in/factor',
  '/sign-in/new-password',
  '/register',
  '/forgot-password',
  '/reset-password',
  '/confirm-email',
  '/accounts',
  '/consent',
  '/sign-out',
  '/device',
  '/device/confirm',
  '/device/qr.svg',
  '/device/qr.png',
  '/oauth/authorize/resume',
  '/no/such/page',
];
const MARK = `"'><svg onload=alert(1)>`;
const NAMES = [
  'client_id',
  'redirect_uri',
  'post_logout_redirect_uri',
  'request',
  'request_uri',
  'response_mode',
  'scope',
  'state',
  'login_hint',
  'id_token_hint',
  'user_code',
  'token',
  'identifier',
  'resource',
  'grant_type',
  'code',
];

/** What anybody may keep: keys, metadata, styles and scripts hold nothing of the caller. */
const PUBLIC =
  /\/\.well-known\/|\/openapi\.json|\/pages\.css|\/explorer|\/health|\/livez|\/metrics|\/assets\//;

describe('every route, asked by a stranger with hostile parameters', () => {
  let app: TestApp;
  const answers: [string, Answer<string>][] = [];

  before(async function () {
    this.timeout(60_000);
    app = await startApp({ registration: { mode: 'open' } });
    const { body: document } = await app.rest('/openapi.json');
    const documented = Object.entries(document.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => [method.toUpperCase(), path.replace(/\{[^}]+\}/g, 'x')] as const),
    );
    expect(documented.length).to.be.greaterThan(20);
    const hostile = Object.fromEntries(NAMES.map((name) => [name, MARK]));
    const query = new URLSearchParams(hostile).toString();
    const headers = { accept: 'text/html', origin: 'https://evil.example' };
    const routes = [...documented, ...PAGES.map((path) => ['GET', path] as const)];
    for (const [method, path] of routes) {
      const isRead = method === 'GET' || method === 'HEAD';
      const answer = isRead
        ? await app.rest<string>(`${path}?${query}`, { method, headers })
        : await app.rest<string>(path, { method, headers, form: hostile });
      answers.push([`${method} ${path}`, answer]);
    }
  });
  after(() => app.close());

  it('writes nothing of them into a document as it came', () => {
    for (const [route, { text, headers }] of answers) {
      if (headers.get('content-type')?.startsWith('application/json')) continue;
      expect(text, route).to.not.contain('<svg onload');
    }
  });

  it('can be framed by nobody, is not sniffed, and tells no other site where it was', () => {
    for (const [route, { headers }] of answers) {
      expect(headers.get('content-security-policy'), route).to.contain("frame-ancestors 'none'");
      expect(headers.get('x-content-type-options'), route).to.equal('nosniff');
      expect(headers.get('referrer-policy'), route).to.equal('no-referrer');
      expect(headers.get('x-frame-options'), route).to.equal('DENY');
    }
  });

  it('is kept by no cache where it is about the caller', () => {
    for (const [route, { headers, status }] of answers) {
      if (PUBLIC.test(route) || status === 404 || status === 405) continue;
      expect(headers.get('cache-control'), route).to.contain('no-store');
    }
  });

  it('is read by no script of another origin, but for what is public', () => {
    for (const [route, { headers }] of answers) {
      const allowed = headers.get('access-control-allow-origin');
      expect(allowed, route).to.equal(route.includes('/.well-known/') ? '*' : null);
      expect(headers.get('access-control-allow-credentials'), route).to.equal(null);
    }
  });

  it('sends nobody to an address that came along, and breaks nowhere', () => {
    for (const [route, { headers, status, text }] of answers) {
      expect(status, `${route}: ${text}`).to.be.lessThan(500);
      const to = headers.get('location');
      if (to !== null) expect(new URL(to, app.url).origin, route).to.equal(app.url);
    }
  });

  it('refuses what is repeated or endless at each endpoint for clients', async () => {
    for (const path of ['token', 'par', 'device_authorization', 'introspect', 'revoke']) {
      for (const name of ['client_id', 'client_secret', 'grant_type', 'token', 'scope', 'code']) {
        const form: [string, string][] = [
          [name, 'a'],
          [name, 'b'],
        ];
        const twice = await app.rest(`/oauth/${path}`, { form });
        expect([twice.status, twice.body.error], `${path} ${name}`).to.deep.equal([400, 'invalid_request']);
      }
      const endless = await app.rest(`/oauth/${path}`, {
        form: { client_id: 'x', token: 'y'.repeat(2_000_000) },
      });
      expect(endless.status, path).to.equal(413);
      const many: [string, string][] = Array.from({ length: 20_000 }, (_one, index) => [`p${index}`, '1']);
      const { status } = await app.rest(`/oauth/${path}`, { form: many });
      expect(status, path).to.be.within(400, 499);
    }
  });
});
