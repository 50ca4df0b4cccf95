import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { createApp } from '../../src/app.js';
import { type ArchivePart, archiveBytes, readArchive } from '../../src/cli/backup/archive.js';
import { LineSum } from '../../src/stores/dump.js';
import { type Person, startApp, type TestApp, type Tokens } from '../support/app.js';
import { type CommandLine, commandLineOf } from '../support/commandLine.js';
import { testConfig } from '../support/deps.js';
import { freePort } from '../support/freePort.js';
import { createHttp } from '../support/http.js';
import { silentLogger } from '../support/logger.js';

const PASSPHRASE = 'nine grey herons over the weir';

/** The archive with a last collection that no database takes. */
async function* halfGood(archive: string): AsyncGenerator<ArchivePart> {
  const name = 'no$name';
  for await (const part of readArchive(archive, PASSPHRASE)) {
    if (part.kind !== 'end') {
      yield part;
      continue;
    }
    yield { kind: 'collection', collection: { name, options: {}, indexes: [] } };
    yield { kind: 'sum', name, sum: new LineSum().total() };
    yield { kind: 'end', collections: part.collections + 1 };
  }
}

describe('npx fieldgate backup and restore', function () {
  this.timeout(120_000);
  let app: TestApp;
  let cli: CommandLine;
  let person: Person & Tokens;
  /** An installation that never was started: its own folder, the embedded engine, no master key. */
  let empty: CommandLine;
  let emptyData: string;
  let archive: string;

  before(async () => {
    app = await startApp();
    cli = await commandLineOf(app);
    person = await app.signInAs();
    emptyData = join(await mkdtemp(join(tmpdir(), 'fieldgate-empty-')), 'data');
    empty = await commandLineOf(app, { dataDirectory: emptyData, stores: {} });
    archive = join(cli.folder, 'all.backup');
    for (const { folder } of [cli, empty]) await writeFile(join(folder, 'passphrase'), `${PASSPHRASE}\n`);
  });
  after(async () => {
    await cli.close();
    await empty.close();
    await app.close();
    await rm(join(emptyData, '..'), { recursive: true, force: true });
  });

  it('refuses to put the master key into an archive that is not encrypted', async () => {
    const { code, stderr } = await cli.fieldgate('backup', archive, '--with-master-key');
    expect(code).to.equal(65);
    expect(stderr).to.contain('needs a passphrase');
  });

  it('leaves the master key out by default, and says which one it takes', async () => {
    const plain = join(cli.folder, 'plain.backup');
    const told = await cli.json<{
      masterKeyId: string;
      encrypted: boolean;
      collections: Record<string, number>;
    }>('backup', plain);
    expect(told).to.include({ encrypted: false });
    expect(told.collections).to.include.keys(
      'users',
      'signingKeys',
      'auditEvents',
      'migrations',
      'installation',
    );
    expect((await stat(plain)).mode & 0o777).to.equal(0o600);
    const bytes = await readFile(plain);
    const text = gunzipSync(bytes.subarray(bytes.indexOf('\n') + 1)).toString('utf8');
    const masterKey = (await readFile(join(app.config.dataDirectory, 'master.key'), 'utf8')).trim();
    expect(text).to.contain(person.email).and.contain(told.masterKeyId);
    expect(text).to.not.contain(masterKey);
    const { code, stderr } = await empty.fieldgate('restore', plain);
    expect(code).to.equal(65);
    expect(stderr).to.contain(`without its master key ${told.masterKeyId}`).and.contain('master.key');
  });

  it('refuses an archive that was changed or cut off, or takes another passphrase, and writes nothing', async () => {
    await cli.json('backup', archive, '--with-master-key', '--passphrase-file', 'passphrase');
    const bytes = await readFile(archive);
    expect(bytes.includes(person.email)).to.equal(false);
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(changed.length - 40) ^ 1, changed.length - 40);
    await writeFile(join(empty.folder, 'changed'), changed);
    await writeFile(join(empty.folder, 'cut'), bytes.subarray(0, -1000));
    await writeFile(join(empty.folder, 'other'), 'quite another passphrase');
    await writeFile(join(empty.folder, 'none'), 'no backup');
    const [first, second, third, fourth] = await Promise.all([
      empty.fieldgate('restore', 'changed', '--passphrase-file', 'passphrase'),
      empty.fieldgate('restore', 'cut', '--passphrase-file', 'passphrase'),
      empty.fieldgate('restore', archive, '--passphrase-file', 'other'),
      empty.fieldgate('restore', 'none'),
    ]);
    for (const { code, stderr } of [first, second, third, fourth]) expect(code, stderr).to.equal(65);
    expect(await stat(emptyData).catch(() => null)).to.equal(null);
  });

  it('refuses a database that is not empty', async () => {
    const { code, stderr } = await cli.fieldgate('restore', archive, '--passphrase-file', 'passphrase');
    expect(code).to.equal(65);
    expect(stderr).to.contain('not empty').and.contain('--force');
    await app.signIn(person);
    const keyless = await mkdtemp(join(tmpdir(), 'fieldgate-keyless-'));
    const stranger = await commandLineOf(app, { dataDirectory: keyless });
    try {
      await writeFile(join(stranger.folder, 'passphrase'), PASSPHRASE);
      const refused = await stranger.fieldgate('restore', archive, '--passphrase-file', 'passphrase');
      expect(refused.stderr).to.contain('not empty');
      // The key of the archive is not left beside data that it does not open.
      expect(await readdir(keyless)).to.deep.equal([]);
    } finally {
      await stranger.close();
      await rm(keyless, { recursive: true, force: true });
    }
  });

  it('lets nobody open what a restore has left half done', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fieldgate-half-'));
    const half = await commandLineOf(app, { dataDirectory: join(folder, 'data'), stores: {} });
    try {
      await writeFile(join(half.folder, 'passphrase'), PASSPHRASE);
      await writeFile(join(half.folder, 'bad'), archiveBytes(halfGood(archive), PASSPHRASE));
      const broken = await half.fieldgate('restore', 'bad', '--passphrase-file', 'passphrase');
      expect(broken.code).to.not.equal(0);
      const refused = await half.fieldgate('users', 'list');
      expect(refused.code).to.equal(65);
      expect(refused.stderr).to.contain('a restore into this database has not ended');
      const again = await half.fieldgate('restore', archive, '--passphrase-file', 'passphrase', '--force');
      expect(again.code, again.stderr).to.equal(0);
      expect((await half.fieldgate('users', 'list')).code).to.equal(0);
    } finally {
      await half.close();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('restored into an empty installation, signs the same user in, takes old tokens and has an intact trail', async () => {
    const told = await empty.json<{ collections: Record<string, number> }>(
      'restore',
      archive,
      '--passphrase-file',
      'passphrase',
    );
    expect(told.collections['users']).to.equal(await app.deps.models.users.countDocuments());

    const { code, stdout } = await empty.fieldgate('audit', 'verify');
    expect(stdout).to.contain('nothing is wrong');
    expect(code).to.equal(0);

    const port = await freePort();
    const config = testConfig({
      issuer: app.config.issuer,
      dataDirectory: emptyData,
      admin: app.admin,
      listen: { port },
      rateLimits: { enabled: false },
    });
    const restored = await createApp({ config, logger: silentLogger });
    try {
      await restored.listen();
      const http = createHttp(`http://127.0.0.1:${port}`);
      const me = await http.rest<{ id: string }>('/auth/me', { token: person.accessToken });
      expect(me.status, me.text).to.equal(200);
      const refreshed = await http.rest('/auth/refresh', { body: { refreshToken: person.refreshToken } });
      expect(refreshed.status, refreshed.text).to.equal(200);
      const body = { identifier: person.email, password: person.password };
      expect((await http.rest('/auth/login', { body })).status).to.equal(200);
      const indexes = async (one: typeof restored) =>
        (await one.deps.models.users.collection.indexes()).map(({ name }) => name);
      expect(await indexes(restored)).to.have.members(await indexes(app.app));
      expect(
        await restored.deps.models.auditEvents.countDocuments({ action: 'installation.restore' }),
      ).to.equal(1);
    } finally {
      await restored.close();
    }
  });
});
