import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { isAppError } from '../../src/errors.js';
import { startEmbeddedEngine } from '../../src/stores/embedded/engine.js';
import { connectMongo } from '../../src/stores/mongo.js';
import { silentLogger } from '../support/logger.js';

describe('the connection to MongoDB', function () {
  this.timeout(20_000);
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mongo-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  const thrownBy = (work: Promise<unknown>) =>
    work.then(
      () => null,
      (error: unknown) => error,
    );

  it('starts the embedded engine when no server is named, says so once, and keeps the data', async () => {
    const said: string[] = [];
    const logger = { ...silentLogger, info: (_fields: object, message: string) => void said.push(message) };
    const first = await connectMongo({ dataDirectory: folder, logger });
    await first.ping();
    expect(first.kind).to.equal('embedded');
    expect(said.filter((message) => message.includes('embedded engine'))).to.have.length(1);
    await first.connection.collection('things').insertOne({ n: 1 });
    await first.close();
    const second = await connectMongo({ dataDirectory: folder, logger });
    expect(await second.connection.collection('things').countDocuments()).to.equal(1);
    await second.close();
  });

  it('fails fast when there is no server at the address', async () => {
    const started = Date.now();
    const error = await thrownBy(
      connectMongo({ uri: 'mongodb://127.0.0.1:1/x', dataDirectory: folder, logger: silentLogger }),
    );
    expect(isAppError(error, 'UNAVAILABLE')).to.equal(true);
    expect(Date.now() - started).to.be.below(6000);
  });

  it('says UNAVAILABLE while the server is away and works again when it is back', async () => {
    const engine = await startEmbeddedEngine(folder);
    const store = await connectMongo({ uri: engine.uri, dataDirectory: folder, logger: silentLogger });
    await store.ping();
    await engine.close();
    expect(isAppError(await thrownBy(store.ping()), 'UNAVAILABLE')).to.equal(true);
    const again = await startEmbeddedEngine(folder);
    await store.ping();
    await store.close();
    await again.close();
  });

  it('fails requests of a server that takes connections and answers nothing', async () => {
    const engine = await startEmbeddedEngine(folder);
    const proxy = await freezableProxy(socketOf(engine.uri));
    const store = await connectMongo({ uri: proxy.uri, dataDirectory: folder, logger: silentLogger });
    const things = store.connection.collection('things');
    await things.insertOne({ n: 1 });
    proxy.freeze();
    const waiting = Array.from({ length: 40 }, () => thrownBy(things.countDocuments()));
    // More than the pool holds, so that some wait for a connection.
    const errors = await Promise.all(waiting);
    expect(errors.every((error) => error instanceof Error)).to.equal(true);
    await store.close();
    await proxy.close();
    await engine.close();
  }).timeout(12_000);
});

function socketOf(uri: string): string {
  return decodeURIComponent(new URL(uri).hostname);
}

/** Passes bytes on to a unix socket until it freezes: then it still accepts, and passes nothing. */
async function freezableProxy(path: string) {
  const sockets = new Set<Socket>();
  let frozen = false;
  const server = createServer((client) => {
    const upstream = connect(path);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => frozen || to.write(chunk));
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    uri: `mongodb://127.0.0.1:${(server.address() as AddressInfo).port}/test`,
    freeze() {
      frozen = true;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
