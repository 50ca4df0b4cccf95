import { expect } from 'chai';
import { sessionCookieName } from '../../src/http/cookies.js';
import { startHttpServer } from './testServer.js';

describe('CSRF protection', () => {
  let server: Awaited<ReturnType<typeof startHttpServer>>;
  let cookie = '';
  let handled = 0;

  before(async () => {
    server = await startHttpServer({
      config: { issuer: 'https://id.example', http: { corsOrigins: ['https://app.example'] } },
      routes: (app, config) => {
        cookie = `${sessionCookieName(config)}=value`;
        const handler = () => {
          handled += 1;
          return {};
        };
        app.route({ method: ['GET', 'POST', 'PUT', 'DELETE'], url: '/', handler });
        app.post('/no-cookies', { config: { csrf: false } }, handler);
      },
    });
  });
  after(() => server.close());
  beforeEach(() => {
    handled = 0;
  });

  const send = (headers: Record<string, string>, path = '/', method = 'POST', body?: string) =>
    fetch(`${server.url}${path}`, { method, headers, ...(body !== undefined && { body }) });

  const proofs: [title: string, headers: Record<string, string>][] = [
    ['our own origin', { origin: 'https://id.example' }],
    ['a listed origin', { origin: 'https://app.example' }],
    ['Sec-Fetch-Site: same-origin', { 'sec-fetch-site': 'same-origin' }],
    [
      'Sec-Fetch-Site under another name of this host',
      { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' },
    ],
    ['our own header', { 'x-fieldgate-csrf': '1' }],
    ["Apollo's header", { 'apollo-require-preflight': 'true' }],
  ];
  for (const [title, headers] of proofs) {
    it(`lets a write with a cookie through that proves its origin by ${title}`, async () => {
      expect((await send({ cookie, ...headers })).status).to.equal(200);
      expect(handled).to.equal(1);
    });
  }

  it('lets a JSON body through: a foreign page cannot send one without a preflight', async () => {
    const headers = { cookie, 'content-type': 'application/json; charset=utf-8' };
    expect((await send(headers, '/', 'POST', '{}')).status).to.equal(200);
  });

  const forgeries: [title: string, headers: Record<string, string>][] = [
    ['nothing at all', {}],
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['the null origin', { origin: 'null' }],
    ['a foreign origin with our header', { origin: 'https://evil.example', 'x-fieldgate-csrf': '1' }],
    ['a foreign origin with JSON', { origin: 'https://evil.example', 'content-type': 'application/json' }],
    ['Sec-Fetch-Site: cross-site', { 'sec-fetch-site': 'cross-site', 'x-fieldgate-csrf': '1' }],
    ['Sec-Fetch-Site: same-site', { 'sec-fetch-site': 'same-site' }],
    ['a listed origin in another spelling', { origin: 'https://app.example/' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['an Authorization header that is no bearer token', { authorization: 'Basic eDp5' }],
  ];
  for (const [title, headers] of forgeries) {
    it(`refuses a write with a cookie and ${title}`, async () => {
      const response = await send({ cookie, ...headers });
      expect(response.status).to.equal(403);
      expect(await response.json()).to.have.nested.property('error.code', 'FORBIDDEN');
      expect(response.headers.get('set-cookie')).to.equal(null);
      expect(handled).to.equal(0);
    });
  }

  for (const method of ['PUT', 'DELETE']) {
    it(`refuses ${method} alike`, async () => {
      expect((await send({ cookie, origin: 'https://evil.example' }, '/', method)).status).to.equal(403);
    });
  }

  it('asks no proof of reads, of bearer tokens, of requests without our cookies and of routes without cookies', async () => {
    const foreign = { origin: 'https://evil.example' };
    expect((await send({ cookie, ...foreign }, '/', 'GET')).status).to.equal(200);
    expect((await send({ cookie, ...foreign, authorization: 'Bearer x' })).status).to.equal(200);
    expect((await send({ cookie: 'other=1', ...foreign })).status).to.equal(200);
    expect((await send({ cookie, ...foreign }, '/no-cookies')).status).to.equal(200);
  });
});
