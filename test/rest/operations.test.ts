import { expect } from 'chai';
import { AppError } from '../../src/errors.js';
import { type Doors, startDoors } from '../http/doors.js';

describe('the endpoints for operators', () => {
  const withDoors = async (
    options: Parameters<typeof startDoors>[0],
    use: (doors: Doors) => Promise<void>,
  ) => {
    const doors = await startDoors(options);
    try {
      await use(doors);
    } finally {
      await doors.close();
    }
  };

  it('/health tells status, version and stores', () =>
    withDoors({}, async (doors) => {
      const response = await doors.get('/health');
      expect(response.status).to.equal(200);
      const body = (await response.json()) as Record<string, string>;
      expect(body).to.include({ status: 'ok', database: 'ok' });
      expect(body['version']).to.match(/^\d+\.\d+\.\d+/);
      expect(body['redis']).to.be.oneOf(['ok', 'in-process']);
    }));

  it('/health is 503 when the database is gone or hangs; /livez is not', () =>
    withDoors({ pingDatabase: () => Promise.reject(new Error('gone')) }, async (doors) => {
      const response = await doors.get('/health');
      expect(response.status).to.equal(503);
      expect(await response.json()).to.include({ status: 'unavailable', database: 'unavailable' });
      expect((await doors.get('/livez')).status).to.equal(200);
    }));

  it('/health is 200 and degraded when only the ephemeral store is gone', () =>
    withDoors({}, async (doors) => {
      doors.deps.ephemeral.ping = () => Promise.reject(new AppError('UNAVAILABLE', 'gone'));
      const response = await doors.get('/health');
      expect(response.status).to.equal(200);
      expect(await response.json()).to.include({ status: 'degraded', redis: 'unavailable' });
    }));

  it('/metrics is for private addresses when there is no token', () =>
    withDoors({ config: { listen: { trustedProxies: ['127.0.0.1'] } } }, async (doors) => {
      const local = await doors.get('/metrics');
      expect(local.status).to.equal(200);
      expect(local.headers.get('content-type')).to.include('text/plain');
      expect(await local.text()).to.include('auth_failed_login_attempts_total');
      expect((await doors.get('/metrics', { 'x-forwarded-for': '10.1.2.3' })).status).to.equal(200);
      expect((await doors.get('/metrics', { 'x-forwarded-for': '203.0.113.1' })).status).to.equal(403);
      expect((await doors.get('/metrics', { 'x-forwarded-for': '2001:db8::1' })).status).to.equal(403);
    }));

  it('/metrics is closed to what comes through a proxy that nobody declared', () =>
    withDoors({}, async (doors) => {
      expect((await doors.get('/metrics', { 'x-forwarded-for': '127.0.0.1' })).status).to.equal(403);
    }));

  it('/metrics asks for its token when there is one', () =>
    withDoors({ config: { metrics: { token: 'scrape-token-0123456789' } } }, async (doors) => {
      for (const authorization of ['', 'Bearer wrong', 'scrape-token-0123456789']) {
        expect((await doors.get('/metrics', { authorization })).status).to.equal(401);
      }
      expect(
        (await doors.get('/metrics', { authorization: 'Bearer scrape-token-0123456789' })).status,
      ).to.equal(200);
    }));

  it('/metrics can be switched off', () =>
    withDoors({ config: { metrics: { enabled: false } } }, async (doors) => {
      expect((await doors.get('/metrics')).status).to.equal(404);
    }));

  it('/dev/outbox shows what was not sent, as JSON and as a page that runs nothing', () =>
    withDoors({}, async (doors) => {
      const at = { sentAt: new Date(0), html: '', kind: 'mail' as const };
      doors.outbox.add({ ...at, to: 'a@example.com', subject: 'First', text: 'one' });
      doors.outbox.add({
        ...at,
        to: 'b@example.com',
        subject: '<script>alert(1)</script>',
        text: 'Open http://127.0.0.1/x?token=1&a="2 or <b>',
      });
      const json = (await (await doors.get('/dev/outbox')).json()) as { messages: { to: string }[] };
      expect(json.messages.map(({ to }) => to)).to.deep.equal(['b@example.com', 'a@example.com']);
      const page = await doors.get('/dev/outbox', { accept: 'text/html' });
      expect(page.headers.get('content-type')).to.include('text/html');
      const html = await page.text();
      expect(html).to.not.include('<script').and.not.include('<b>');
      expect(html).to.include('<a href="http://127.0.0.1/x?token=1&#38;a=');
    }));

  it('/dev/outbox does not exist in production', () =>
    withDoors({ config: { environment: 'production' } }, async (doors) => {
      expect((await doors.get('/dev/outbox')).status).to.equal(404);
    }));
});
