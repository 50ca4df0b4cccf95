import { mkdtemp, rm } from 'node:fs/promises';
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
});
