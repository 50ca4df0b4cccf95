import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadMasterKey } from '../../../src/identity/keys/masterKey.js';
import { recordingLogger, silentLogger } from '../../support/logger.js';
import { refusal } from '../../support/refusal.js';

describe('the master key', () => {
  let folder: string;
  let dataDirectory: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fieldgate-key-'));
    dataDirectory = join(folder, 'data');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const load = () => loadMasterKey({ dataDirectory }, silentLogger);
  const path = () => join(dataDirectory, 'master.key');

  it('is made at the first start, for its owner only, and found at the second', async () => {
    const logger = recordingLogger();
    const first = await loadMasterKey({ dataDirectory }, logger);
    expect(first).to.have.lengthOf(32);
    expect((await stat(path())).mode & 0o777).to.equal(0o600);
    expect((await stat(dataDirectory)).mode & 0o077).to.equal(0);
    expect(JSON.stringify(logger.lines)).to.not.contain((await readFile(path(), 'utf8')).trim());
    expect(await load()).to.deep.equal(first);
    expect(await readdir(dataDirectory)).to.deep.equal(['master.key']);
  });

  it('is one key for processes that start together', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, load));
    for (const key of keys) expect(key).to.deep.equal(keys[0]);
    expect(await readdir(dataDirectory)).to.deep.equal(['master.key']);
  });

  it('comes from the configuration where it is set there', async () => {
    const masterKey = Buffer.alloc(32, 7).toString('base64url');
    expect(await loadMasterKey({ dataDirectory, masterKey }, silentLogger)).to.deep.equal(
      new Uint8Array(32).fill(7),
    );
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('is refused when other accounts can read it', async () => {
    await load();
    for (const mode of [0o640, 0o604, 0o660, 0o644]) {
      await chmod(path(), mode);
      expect((await refusal(load(), 'INTERNAL')).message).to.contain('chmod 600');
    }
  });

  it('is refused when it is damaged, and is not replaced', async () => {
    await load();
    for (const damaged of ['', 'short', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}!`]) {
      await writeFile(path(), damaged);
      expect((await refusal(load(), 'INTERNAL')).message).to.contain('damaged');
      expect(await readFile(path(), 'utf8')).to.equal(damaged);
    }
  });
});
