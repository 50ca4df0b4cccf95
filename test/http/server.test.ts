import { expect } from 'chai';
import { AppError } from '../../src/errors.js';
import { startHttpServer } from './testServer.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('the HTTP server', () => {
  let server: Awaited<ReturnType<typeof startHttpServer>>;

  before(async () => {
    server = await startHttpServer({
      config: { listen: { trustedProxies: ['127.0.0.1'] } },
      routes: (app) => {
        app.get('/origin', (request) => request.origin);
        app.post('/origin', (request) => request.origin);
        app.get('/boom', () => {
          throw new Error('the secret is 42');
        });
        app.get('/locked', () => {
          throw new AppError('ACCOUNT_LOCKED', 'private', { retryAfterSeconds: 59.2 });
        });
        app.get('/no-database', () => {
          throw Object.assign(new Error('connect ECONNREFUSED 10.0.0.7'), {
            name: 'MongoServerSelectionError',
          });
        });
      },
    });
  });
  after(() => server.close());

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}${path}`, { headers });

  it('echoes a request id that is well-formed', async () => {
    const response = await get('/origin', { 'x-request-id': 'abc-DEF_1.2' });
    expect(response.headers.get('x-request-id')).to.equal('abc-DEF_1.2');
    expect(await response.json()).to.include({ requestId: 'abc-DEF_1.2' });
  });

  for (const id of ['', 'x'.repeat(129), 'a b', 'a"b', '{"$ne":null}', 'ä']) {
    it(`makes a request id of its own instead of ${JSON.stringify(id.slice(0, 12))}`, async () => {
      const response = await get('/origin', { 'x-request-id': id });
      expect(response.headers.get('x-request-id')).to.match(UUID);
    });
  }

  it("takes the client's address from a trusted proxy and the last untrusted hop only", async () => {
    const response = await get('/origin', {
      'x-forwarded-for': '6.6.6.6, 203.0.113.9',
      'user-agent': 'probe/1',
    });
    expect(await response.json()).to.include({ address: '203.0.113.9', userAgent: 'probe/1' });
  });

  it('believes no forwarded address when no proxy is trusted', async () => {
    const untrusting = await startHttpServer({
      routes: (app) => app.get('/origin', (request) => request.origin),
    });
    const response = await fetch(`${untrusting.url}/origin`, {
      headers: { 'x-forwarded-for': '203.0.113.9' },
    });
    expect(await response.json()).to.include({ address: '127.0.0.1' });
    await untrusting.close();
  });

  it('masks an unknown error, logs it with its request id, and tells the id', async () => {
    const response = await get('/boom', { 'x-request-id': 'boom-1' });
    expect(response.status).to.equal(500);
    const text = await response.text();
    expect(text).to.not.include('42');
    expect(JSON.parse(text)).to.have.nested.property('error.requestId', 'boom-1');
    const line = server.lines.find(({ fields }) => fields['requestId'] === 'boom-1' && fields['err']);
    expect(line?.level).to.equal('error');
  });

  it('answers 503 with Retry-After, and no address of ours, when the database is gone', async () => {
    const response = await get('/no-database');
    expect(response.status).to.equal(503);
    expect(response.headers.get('retry-after')).to.equal('5');
    expect(await response.text())
      .to.include('UNAVAILABLE')
      .and.not.include('10.0.0.7');
  });

  it('rounds Retry-After up', async () => {
    const response = await get('/locked');
    expect(response.status).to.equal(423);
    expect(response.headers.get('retry-after')).to.equal('60');
    expect(await response.text()).to.not.include('private');
  });

  it('answers an unknown path with a typed 404', async () => {
    const response = await get('/nowhere?token=hush');
    expect(response.status).to.equal(404);
    expect(await response.json()).to.have.nested.property('error.code', 'NOT_FOUND');
  });

  it('answers a wrong method with 405 and the methods that would do', async () => {
    const response = await fetch(`${server.url}/origin?x=1`, { method: 'DELETE' });
    expect(response.status).to.equal(405);
    expect(response.headers.get('allow')).to.equal('GET, HEAD, POST');
    expect(await response.json()).to.have.nested.property('error.code', 'BAD_USER_INPUT');
  });

  it('answers a path that cannot be decoded with a typed error', async () => {
    const response = await get('/%E0%A4%A');
    expect(response.status).to.equal(400);
    expect(await response.json()).to.have.nested.property('error.code', 'BAD_USER_INPUT');
  });

  it('sends the security headers with every answer, errors as well', async () => {
    for (const path of ['/origin', '/nowhere', '/boom']) {
      const { headers } = await get(path);
      expect(headers.get('content-security-policy'))
        .to.include("default-src 'none'")
        .and.include("frame-ancestors 'none'");
      expect(headers.get('x-frame-options')).to.equal('DENY');
      expect(headers.get('x-content-type-options')).to.equal('nosniff');
      expect(headers.get('referrer-policy')).to.equal('no-referrer');
      expect(headers.get('strict-transport-security')).to.equal(null);
      expect(headers.get('x-powered-by')).to.equal(null);
    }
  });

  it('sends HSTS when the issuer is https', async () => {
    const https = await startHttpServer({ config: { issuer: 'https://id.example' } });
    const { headers } = await fetch(`${https.url}/`);
    expect(headers.get('strict-transport-security')).to.match(/^max-age=\d{7,}/);
    expect(headers.get('content-security-policy')).to.include('upgrade-insecure-requests');
    await https.close();
  });
});
