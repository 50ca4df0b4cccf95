import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { open } from 'lmdb';
import { MongoClient } from 'mongodb';
import { startEmbeddedEngine } from '../../../src/stores/embedded/engine.js';
import { FolderInUseError, lockFolder } from '../../../src/stores/embedded/folderLock.js';

describe('the folder of the embedded engine', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'folder-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  const refusal = async (): Promise<string> => {
    const error = await startEmbeddedEngine(folder).then(
      async (engine) => {
        await engine.close();
        return null;
      },
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(Error);
    return (error as Error).message;
  };

  const fill = async (count: number) => {
    const engine = await startEmbeddedEngine(folder);
    const client = await MongoClient.connect(engine.uri);
    await client
      .db('x')
      .collection('c')
      .insertMany(Array.from({ length: count }, (_, i) => ({ i, pad: 'x'.repeat(500) })));
    await client.close();
    await engine.close();
  };

  it('refuses a file that is no data file, and says how to go on', async () => {
    await writeFile(join(folder, 'data.mdb'), 'not a database at all'.repeat(1000));
    const message = await refusal();
    expect(message).to.include(join(folder, 'data.mdb'));
    expect(message).to.match(/Restore a backup .* move the folder away .* MONGODB_URI/);
  });

  it('refuses a file that was cut short', async () => {
    await fill(500);
    const file = join(folder, 'data.mdb');
    await truncate(file, Math.floor((await stat(file)).size / 2));
    expect(await refusal()).to.match(/cut short/);
  });

  it('refuses a damaged head', async () => {
    await fill(10);
    const file = join(folder, 'data.mdb');
    const bytes = await readFile(file);
    await writeFile(file, bytes.fill(0x5a, 0, 200));
    expect(await refusal()).to.match(/damaged/);
  });

  it('refuses the database of another program and another format version', async () => {
    const foreign = open({ path: folder, noSubdir: false, keyEncoding: 'binary', encoding: 'binary' });
    await foreign.put(Buffer.from('key'), Buffer.from('value'));
    await foreign.close();
    expect(await refusal()).to.match(/no format record/);
    const newer = open({ path: folder, noSubdir: false, keyEncoding: 'binary', encoding: 'binary' });
    await newer.put(
      Buffer.from([0]),
      Buffer.from(JSON.stringify({ name: 'fieldgate-embedded', version: 99 })),
    );
    await newer.close();
    expect(await refusal()).to.match(/format version is 99/);
  });

  it('refuses a second engine on the folder by naming the process, and takes over from a dead one', async () => {
    const first = await startEmbeddedEngine(folder);
    expect(await refusal()).to.include(`in use by the process ${process.pid}`);
    await first.close();
    const gone = spawn(process.execPath, ['-e', '']);
    await once(gone, 'exit');
    await writeFile(join(folder, 'engine.lock'), `${gone.pid} 12345\n`);
    const second = await startEmbeddedEngine(folder);
    await second.close();
  });

  it('refuses a folder that is served from another container, whose process numbers say nothing here', async () => {
    const program = fileURLToPath(new URL('./killedEngine.js', import.meta.url));
    const first = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(first.stdout, 'data');
      await writeFile(join(folder, 'engine.lock'), '1 12345 pid:[1]\n');
      expect(await refusal()).to.match(/in use by another process, maybe of another container/);
    } finally {
      first.kill('SIGKILL');
      await once(first, 'exit');
    }
    const second = await startEmbeddedEngine(folder);
    await second.close();
  });

  it('does not serve a folder whose lock went to another while the data were opened', async () => {
    const lock = lockFolder(folder);
    await lock.assertAlone();
    await writeFile(join(folder, 'engine.lock'), '1 12345 pid:[1]\n');
    expect(await lock.assertAlone().catch((error: unknown) => error)).to.be.instanceOf(FolderInUseError);
    lock.release();
    expect(await readFile(join(folder, 'engine.lock'), 'utf8')).to.equal('1 12345 pid:[1]\n');
  });

  it('goes on reading when the disk is full, writes nothing more, and has it all after a restart', async () => {
    const program = fileURLToPath(new URL('./killedEngine.js', import.meta.url));
    // A file may not grow beyond so many blocks of 512 bytes: for the engine the same as a full disk.
    const full = spawn('sh', ['-c', `ulimit -f 4000; exec "$0" "$@"`, process.execPath, program, folder], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const [uri] = (await once(createInterface({ input: full.stdout }), 'line')) as [string];
      const client = await MongoClient.connect(uri);
      const items = client.db('x').collection<{ _id: number; pad?: string }>('c');
      let written = 0;
      const fill = async () => {
        for (; ; written++) await items.insertOne({ _id: written, pad: 'x'.repeat(20_000) });
      };
      const refused = await fill().catch((error: unknown) => error);
      expect(String(refused)).to.match(/could not be written \(.*too large.*\); free the disk and restart/i);
      expect(String(await items.insertOne({ _id: -1 }).catch((error: unknown) => error))).to.match(/restart/);
      expect(await items.countDocuments({ _id: { $gte: 0 } })).to.equal(written);
      expect(full.exitCode).to.equal(null);
      await client.close();
      full.kill('SIGKILL');
      await once(full, 'exit');
      const engine = await startEmbeddedEngine(folder);
      const again = await MongoClient.connect(engine.uri);
      expect(await again.db('x').collection('c').countDocuments()).to.equal(written);
      await again.close();
      await engine.close();
    } finally {
      full.kill('SIGKILL');
    }
  });

  it('keeps the socket and the folder to their owner, also under a long name', async () => {
    const deep = join(folder, 'd'.repeat(120));
    await mkdir(deep);
    for (const place of [join(folder, 'short'), deep]) {
      const engine = await startEmbeddedEngine(place);
      const path = decodeURIComponent(/^mongodb:\/\/([^/]+)\//.exec(engine.uri)?.[1] ?? '');
      expect((await stat(path)).mode & 0o777).to.equal(0o600);
      const client = await MongoClient.connect(engine.uri);
      expect(await client.db('x').command({ ping: 1 })).to.deep.include({ ok: 1 });
      await client.close();
      await engine.close();
    }
    expect((await stat(join(folder, 'short'))).mode & 0o777).to.equal(0o700);
  });
});
