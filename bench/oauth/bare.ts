import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface BareReady {
  readonly url: string;
  readonly paths: Readonly<Record<'jwks' | 'discovery', string>>;
}

/** What any answer costs over Node's own server: texts of the given lengths and three headers, nothing else. */
export async function startBare(lengths: readonly string[]): Promise<BareReady> {
  const paths = { jwks: '/jwks', discovery: '/discovery' };
  const texts = new Map(
    Object.values(paths).map((path, index) => [path, 'x'.repeat(Number(lengths[index]))]),
  );
  const server = createServer(({ url = '' }, response) => {
    const text = texts.get(url) ?? '';
    // Date is the third.
    response.writeHead(200, ['content-type', 'application/json', 'content-length', String(text.length)]);
    response.end(text);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, paths };
}
