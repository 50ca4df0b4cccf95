import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localCertificate } from '../../src/cli/certificate.js';
import type { ConfigInput } from './deps.js';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server of somebody else's, on this machine. */
export interface Outside {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** What it was asked, oldest first. */
  readonly received: Received[];
  /** Answers from now on; 200 with an empty body until it is set. */
  answer(handler: (received: Received, response: ServerResponse) => void): void;
  /** Configuration of a Fieldgate that reaches and trusts it. */
  readonly config: ConfigInput;
  close(): Promise<void>;
}

/** Starts one that speaks https with a certificate for localhost; with `plain`, http. */
export async function startOutside({ plain = false } = {}): Promise<Outside> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldgate-outside-'));
  const { cert, key } = await localCertificate(folder);
  const received: Received[] = [];
  let handler: (one: Received, response: ServerResponse) => void = (_one, response) => response.end();
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one = { method, path: url, headers, body: Buffer.concat(chunks).toString('utf8') };
      received.push(one);
      handler(one, response);
    });
  };
  const server = plain
    ? createPlain(listener)
    : createServer({ cert: await readFile(cert), key: await readFile(key) }, listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${plain ? 'http' : 'https'}://localhost:${port}`,
    port,
    received,
    answer: (next) => {
      handler = next;
    },
    config: { outbound: { allowPrivateNetworks: true, ...(!plain && { caFile: cert }) } },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
