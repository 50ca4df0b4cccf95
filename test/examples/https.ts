import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as send } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localCertificate } from '../../src/cli/certificate.js';

/** What Chromium must be told to find the hosts of one site on this machine. */
export const HTTPS_FLAGS = [
  '--host-resolver-rules=MAP *.notes.test 127.0.0.1',
  '--ignore-certificate-errors',
];

/** https in front of what listens on plain http, as in production: each host of one site has an address behind it. */
export async function startHttps(
  port: number,
  targets: Readonly<Record<string, string>>,
): Promise<{ close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldgate-https-'));
  const { cert, key } = await localCertificate(folder, { hosts: Object.keys(targets) });
  const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
    const target = targets[request.headers.host?.split(':')[0] ?? ''];
    if (target === undefined) {
      response.writeHead(421).end();
      return;
    }
    const headers = { ...request.headers, 'x-forwarded-proto': 'https', 'x-forwarded-for': '127.0.0.1' };
    const onward = send(
      new URL(request.url ?? '/', target),
      { method: request.method, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.writeHead(502).end());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
