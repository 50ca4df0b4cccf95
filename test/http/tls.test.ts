import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { generate } from 'selfsigned';
import { startHttpServer } from './testServer.js';

describe('TLS', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fieldgate-tls-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const answerOf = (url: string, options: object) =>
    new Promise<{ status: number | undefined; headers: IncomingHttpHeaders }>((resolve, reject) => {
      request(url, { agent: false, ...options }, (response) => {
        response.resume();
        resolve({ status: response.statusCode, headers: response.headers });
      })
        .on('error', reject)
        .end();
    });

  it('serves https with the configured certificate, and nothing older than TLS 1.2', async () => {
    const made = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    });
    const tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
    await Promise.all([writeFile(tls.cert, made.cert), writeFile(tls.key, made.private)]);
    const server = await startHttpServer({
      config: { tls, issuer: 'https://127.0.0.1' },
      routes: (app) => app.get('/', () => ({})),
    });
    expect(server.url).to.match(/^https:/);
    const { status, headers } = await answerOf(server.url, { ca: made.cert });
    expect(status).to.equal(200);
    expect(headers['strict-transport-security']).to.be.a('string');
    const old = { ca: made.cert, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    const refusal = await answerOf(server.url, old).catch((error: unknown) => error);
    // The alert comes from the server: this client would have spoken TLS 1.1.
    expect(String(refusal)).to.include('tlsv1 alert protocol version');
    await server.close();
  });

  it('does not start without its key', async () => {
    const tls = { cert: join(folder, 'absent.pem'), key: join(folder, 'absent.pem') };
    const error = await startHttpServer({ config: { tls } }).catch((thrown: unknown) => thrown);
    expect(error).to.be.an('error').with.property('code', 'ENOENT');
  });
});
