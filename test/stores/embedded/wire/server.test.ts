import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Document, deserialize, serialize } from 'bson';
import { expect } from 'chai';
import { startTestEngine, type TestEngine } from '../testEngine.js';

const OP_QUERY = 2004;
const OP_MSG = 2013;

function message(opcode: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(16);
  head.writeInt32LE(16 + body.length, 0);
  head.writeInt32LE(77, 4);
  head.writeInt32LE(opcode, 12);
  return Buffer.concat([head, body]);
}

const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
};
const body = (document: Document) => Buffer.concat([Buffer.from([0]), serialize(document)]);

function sequence(name: string, documents: Document[]): Buffer {
  const content = Buffer.concat([
    Buffer.from(`${name}\0`),
    ...documents.map((document) => serialize(document)),
  ]);
  return Buffer.concat([Buffer.from([1]), int32(content.length + 4), content]);
}

describe('the wire protocol of the embedded engine', () => {
  let engine: TestEngine;
  let socket: Socket;

  before(async () => {
    engine = await startTestEngine();
  });

  after(() => engine.close());

  beforeEach(async () => {
    socket = connect(decodeURIComponent(/^mongodb:\/\/([^/]+)\//.exec(engine.uri)?.[1] ?? ''));
    await once(socket, 'connect');
  });

  afterEach(() => void socket.destroy());

  async function ask(request: Buffer): Promise<{ head: Buffer; reply: Document }> {
    socket.write(request);
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    const legacy = bytes.readInt32LE(12) === 1;
    return { head: bytes.subarray(0, 16), reply: deserialize(bytes.subarray(legacy ? 36 : 21)) };
  }

  it('answers a handshake in OP_QUERY as a standalone server', async () => {
    const query = message(
      OP_QUERY,
      int32(0),
      Buffer.from('admin.$cmd\0'),
      int32(0),
      int32(-1),
      serialize({ isMaster: 1, helloOk: true }),
    );
    const { head, reply } = await ask(query);
    expect(head.readInt32LE(8)).to.equal(77);
    expect(reply).to.deep.include({ ok: 1, isWritablePrimary: true, maxWireVersion: 21 });
    expect(reply).to.not.have.any.keys('setName', 'msg');
  });

  it('takes document sequences, and a checksum that it does not need', async () => {
    const sections = [body({ insert: 'c', $db: 'wire' }), sequence('documents', [{ _id: 1 }, { _id: 2 }])];
    expect((await ask(message(OP_MSG, int32(1), ...sections, int32(0)))).reply).to.deep.include({
      ok: 1,
      n: 2,
    });
  });

  it('sends no reply to an unacknowledged write, and does it', async () => {
    const unacknowledged = message(
      OP_MSG,
      int32(2),
      body({ insert: 'quiet', documents: [{ _id: 1 }], $db: 'wire' }),
    );
    const count = message(OP_MSG, int32(0), body({ count: 'quiet', $db: 'wire' }));
    expect((await ask(Buffer.concat([unacknowledged, count]))).reply).to.deep.include({ n: 1 });
  });

  it('reads a request that comes byte by byte', async () => {
    const ping = message(OP_MSG, int32(0), body({ ping: 1, $db: 'wire' }));
    for (const byte of ping.subarray(0, -1)) socket.write(Buffer.from([byte]));
    expect((await ask(ping.subarray(-1))).reply).to.deep.equal({ ok: 1 });
  });

  const broken: Record<string, Buffer> = {
    'an unknown opcode': message(9999, int32(0)),
    'a length below its head': int32(3),
    'a length above the limit': Buffer.concat([int32(2_000_000_000), Buffer.alloc(12)]),
    'an unknown required flag': message(OP_MSG, int32(1 << 7), body({ ping: 1, $db: 'x' })),
    'a body that is no BSON': message(OP_MSG, int32(0), Buffer.from([0]), int32(20), Buffer.alloc(16, 0xee)),
    'a section that is cut short': message(OP_MSG, int32(0), Buffer.from([0]), int32(500), Buffer.alloc(8)),
  };
  for (const [what, bytes] of Object.entries(broken)) {
    it(`closes the connection on ${what}, and serves the others`, async () => {
      socket.write(bytes);
      await once(socket, 'close');
      socket = connect(decodeURIComponent(/^mongodb:\/\/([^/]+)\//.exec(engine.uri)?.[1] ?? ''));
      await once(socket, 'connect');
      expect((await ask(message(OP_MSG, int32(0), body({ ping: 1, $db: 'x' })))).reply).to.deep.equal({
        ok: 1,
      });
    });
  }
});
