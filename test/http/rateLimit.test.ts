import { expect } from 'chai';
import { startHttpServer } from './testServer.js';

describe('the general limit', () => {
  const config = {
    listen: { trustedProxies: ['127.0.0.1'] },
    rateLimits: { enabled: true, general: { max: 3, windowSeconds: 60 } },
  };
  const routes: NonNullable<Parameters<typeof startHttpServer>[0]>['routes'] = (app) => {
    app.get('/', () => ({}));
    app.get('/probe', { config: { generalLimit: false } }, () => ({}));
  };
  const from = (url: string, address: string) => fetch(url, { headers: { 'x-forwarded-for': address } });

  it('tells quota and rest in RateLimit and RateLimit-Policy, then refuses with 429 and Retry-After', async () => {
    const server = await startHttpServer({ config, routes });
    for (const remaining of [2, 1, 0]) {
      const response = await from(server.url, '203.0.113.1');
      expect(response.status).to.equal(200);
      expect(response.headers.get('ratelimit-policy')).to.equal('"general";q=3;w=60');
      expect(response.headers.get('ratelimit')).to.match(new RegExp(`^"general";r=${remaining};t=\\d+$`));
    }
    const refused = await from(server.url, '203.0.113.1');
    expect(refused.status).to.equal(429);
    expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 60);
    expect(refused.headers.get('ratelimit')).to.match(/^"general";r=0;t=\d+$/);
    expect(refused.headers.get('content-security-policy')).to.be.a('string');
    expect(await refused.json()).to.have.nested.property('error.code', 'RATE_LIMITED');
    await server.close();
  });

  it('counts each address for itself, unknown paths too', async () => {
    const server = await startHttpServer({ config, routes });
    for (let index = 0; index < 4; index += 1) await from(`${server.url}/nowhere`, '203.0.113.1');
    expect((await from(`${server.url}/nowhere`, '203.0.113.1')).status).to.equal(429);
    expect((await from(server.url, '203.0.113.2')).status).to.equal(200);
    await server.close();
  });

  it('does not count probes', async () => {
    const server = await startHttpServer({ config, routes });
    for (let index = 0; index < 6; index += 1) {
      const response = await from(`${server.url}/probe`, '203.0.113.1');
      expect(response.status).to.equal(200);
      expect(response.headers.get('ratelimit')).to.equal(null);
    }
    await server.close();
  });
});
