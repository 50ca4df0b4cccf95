import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { localCertificate } from '../../src/cli/certificate.js';

describe('a certificate for development', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fieldgate-tls-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('serves https that a client which trusts it accepts for localhost and 127.0.0.1', async () => {
    const paths = await localCertificate(join(folder, 'tls'));
    const [cert, key] = [readFileSync(paths.cert), readFileSync(paths.key)];
    const server = createServer({ cert, key }, (_request, response) => response.end('ok'));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    try {
      for (const servername of ['localhost', '127.0.0.1']) {
        const status = await new Promise((done, refuse) => {
          const options = {
            host: '127.0.0.1',
            port,
            ca: cert,
            servername: servername === 'localhost' ? servername : '',
          };
          request(options, (response) => done(response.resume().statusCode))
            .on('error', refuse)
            .end();
        });
        expect(status, servername).to.equal(200);
      }
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('keeps the key for its owner only', async () => {
    const { key } = await localCertificate(folder);
    expect(statSync(key).mode & 0o777).to.equal(0o600);
  });

  it('is kept between starts and made again when it is about to end', async () => {
    const now = new Date('2030-01-01T00:00:00Z');
    const { cert } = await localCertificate(folder, { now });
    const first = readFileSync(cert, 'utf8');
    await localCertificate(folder, { now: new Date('2030-12-01T00:00:00Z') });
    expect(readFileSync(cert, 'utf8')).to.equal(first);
    await localCertificate(folder, { now: new Date('2031-01-01T00:00:00Z') });
    expect(readFileSync(cert, 'utf8')).not.to.equal(first);
    expect(new X509Certificate(readFileSync(cert)).validTo).to.contain('2032');
  });
});
