import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { toAppError } from '../../src/http/errors.js';
import { connectMongo, type MongoStore } from '../../src/stores/mongo.js';
import { silentLogger } from '../support/logger.js';

describe('a connection that the server closes while a command is written', () => {
  const sockets: Socket[] = [];
  const keep = (message: unknown): void => void sockets.push((message as { socket: Socket }).socket);
  let folder: string;
  let mongo: MongoStore;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fieldgate-connection-'));
    subscribe('net.client.socket', keep);
    mongo = await connectMongo({ dataDirectory: folder, logger: silentLogger });
  });
  after(async () => {
    unsubscribe('net.client.socket', keep);
    await mongo?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is replaced by another: the command waits for nothing', async () => {
    const things = mongo.connection.collection('things');
    await things.insertOne({ kept: true });
    // Until `close` is told, the driver takes them for alive.
    for (const socket of sockets) socket.destroy();
    expect(await things.countDocuments({})).to.equal(1);
  });

  it('is an error of the network to a write, which is not repeated where nobody could tell a repetition', async () => {
    const things = mongo.connection.collection('things');
    for (const socket of sockets) socket.destroy();
    const refused = await things.insertOne({ kept: false }).then(
      () => null,
      (error: Error) => error.name,
    );
    expect(refused).to.equal('MongoNetworkError');
    expect(await things.countDocuments({})).to.equal(1);
    for (const socket of sockets) socket.destroy();
    const several = await things.insertMany([{ kept: false }, { kept: false }]).then(() => null, toAppError);
    expect(several?.code).to.equal('UNAVAILABLE');
    expect(await things.countDocuments({})).to.equal(1);
  });
});
