import { expect } from 'chai';
import { startHttpServer } from './testServer.js';

const FRONT_CHANNEL = [
  '/oauth/authorize',
  '/oauth/authorize/resume',
  '/tenant/oauth/authorize',
  '/oauth/logout',
];

describe('CORS', () => {
  let server: Awaited<ReturnType<typeof startHttpServer>>;

  before(async () => {
    server = await startHttpServer({
      config: { http: { corsOrigins: ['https://app.example'] } },
      routes: (app) => {
        app.post('/auth/login', () => ({}));
        for (const path of FRONT_CHANNEL) app.get(path, () => ({}));
        app.get('/.well-known/jwks.json', () => ({ keys: [] }));
      },
    });
  });
  after(() => server.close());

  const preflight = (path: string, origin: string) =>
    fetch(`${server.url}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });

  it('answers the preflight of a listed origin, with credentials', async () => {
    const response = await preflight('/auth/login', 'https://app.example');
    expect(response.status).to.equal(204);
    expect(response.headers.get('access-control-allow-origin')).to.equal('https://app.example');
    expect(response.headers.get('access-control-allow-credentials')).to.equal('true');
    expect(response.headers.get('access-control-allow-headers')).to.include('Authorization');
    expect(response.headers.get('vary')).to.include('Origin');
  });

  for (const origin of [
    'https://evil.example',
    'https://app.example.evil.example',
    'http://app.example',
    'https://APP.example',
    'https://app.example:444',
    'null',
  ]) {
    it(`gives ${origin} no CORS header`, async () => {
      for (const response of [
        await preflight('/auth/login', origin),
        await fetch(`${server.url}/auth/login`, { method: 'POST', headers: { origin } }),
      ]) {
        expect(response.headers.get('access-control-allow-origin')).to.equal(null);
        expect(response.headers.get('access-control-allow-credentials')).to.equal(null);
      }
    });
  }

  it('opens no address that browsers are sent to, not even to a listed origin (RFC 9700 §2.6)', async () => {
    const origin = 'https://app.example';
    for (const path of FRONT_CHANNEL) {
      for (const response of [
        await preflight(path, origin),
        await fetch(`${server.url}${path}?client_id=web`, { headers: { origin } }),
      ]) {
        expect(response.headers.get('access-control-allow-origin'), path).to.equal(null);
      }
    }
  });

  it('shows the headers of limits and errors to a listed origin', async () => {
    const response = await fetch(`${server.url}/nowhere`, { headers: { origin: 'https://app.example' } });
    expect(response.headers.get('access-control-allow-origin')).to.equal('https://app.example');
    expect(response.headers.get('access-control-expose-headers'))
      .to.include('Retry-After')
      .and.include('RateLimit');
  });

  it('opens discovery and keys to any origin, without credentials', async () => {
    const response = await fetch(`${server.url}/.well-known/jwks.json`, {
      headers: { origin: 'https://any.example' },
    });
    expect(response.headers.get('access-control-allow-origin')).to.equal('*');
    expect(response.headers.get('access-control-allow-credentials')).to.equal(null);
  });

  it('opens nothing else by a query that looks like discovery', async () => {
    const response = await fetch(`${server.url}/nowhere?x=/.well-known/`, {
      headers: { origin: 'https://any.example' },
    });
    expect(response.headers.get('access-control-allow-origin')).to.equal(null);
  });
});
