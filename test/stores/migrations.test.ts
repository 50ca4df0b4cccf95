import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { isAppError } from '../../src/errors.js';
import { runMigrations } from '../../src/stores/migrations.js';
import type { MongoStore } from '../../src/stores/mongo.js';
import { silentLogger } from '../support/logger.js';
import { openConfiguredStore } from './configuredStore.js';

describe('the migrations', function () {
  this.timeout(30_000);
  let store: MongoStore;
  let directory: string;
  const clock = () => new Date();

  beforeEach(async () => {
    store = await openConfiguredStore();
    directory = await mkdtemp(join(tmpdir(), 'migrations-'));
    await writeFile(join(directory, 'package.json'), '{"type":"module"}');
  });

  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  const add = (name: string, body: string) =>
    writeFile(
      join(directory, name),
      `export async function up(db) { ${body} }\nexport async function down() {}\n`,
    );

  it('apply once although replicas start together', async () => {
    await add('0001-count.js', "await db.collection('runs').insertOne({ at: new Date() });");
    const options = { logger: silentLogger, clock, directory };
    const applied = await Promise.all(
      Array.from({ length: 5 }, () => runMigrations(store.connection, options)),
    );
    expect(applied.flat()).to.deep.equal(['0001-count.js']);
    expect(await store.connection.collection('runs').countDocuments()).to.equal(1);
    expect(await store.connection.collection('migrationLock').countDocuments()).to.equal(0);
  });

  it('of the project mark the database as an installation', async () => {
    expect(await runMigrations(store.connection, { logger: silentLogger, clock })).to.include(
      '0001-installation.js',
    );
    const [installation] = await store.connection.collection('installation').find().toArray();
    expect(installation?.['createdAt']).to.be.instanceOf(Date);
    expect(await runMigrations(store.connection, { logger: silentLogger, clock })).to.deep.equal([]);
  });

  it('of the project give documents of before the defaults of their new fields', async () => {
    const old = store.connection.collection<{ _id: string; subjectType?: string }>('clients');
    await old.insertMany([{ _id: 'old' }, { _id: 'new', subjectType: 'pairwise' }]);
    const families = store.connection.collection<{ _id: string }>('refreshFamilies');
    await families.insertOne({ _id: 'family' });
    await runMigrations(store.connection, { logger: silentLogger, clock });
    expect(await old.findOne({ _id: 'old' })).to.deep.include({
      subjectType: 'public',
      requestUris: [],
      dpopBoundAccessTokens: false,
      dynamicallyRegistered: false,
      allowedNetworks: [],
    });
    expect(await old.findOne({ _id: 'new' })).to.deep.include({ subjectType: 'pairwise', requestUris: [] });
    expect(await families.findOne({ _id: 'family' })).to.deep.include({ resources: [], refusedClaims: [] });
  });

  it('stop at one that fails, keep those before it, and free the lock', async () => {
    await add('0001-fine.js', '');
    await add('0002-broken.js', "throw new Error('no such thing');");
    const error = await runMigrations(store.connection, { logger: silentLogger, clock, directory }).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(isAppError(error, 'INTERNAL')).to.equal(true);
    expect(String(error)).to.match(/0002-broken.*no such thing/);
    await add('0002-broken.js', '');
    // Node keeps the module that it has loaded, so the repaired one comes under another name, as in a new process.
    await rm(join(directory, '0002-broken.js'));
    await add('0002-repaired.js', '');
    expect(await runMigrations(store.connection, { logger: silentLogger, clock, directory })).to.deep.equal([
      '0002-repaired.js',
    ]);
  });

  it('wait for a holder that lives and take over from one whose lease has run out', async () => {
    const locks = store.connection.collection<{ _id: string; holder: string; leaseUntil: Date }>(
      'migrationLock',
    );
    await locks.insertOne({ _id: 'migrations', holder: 'other', leaseUntil: new Date(Date.now() + 60_000) });
    const options = { logger: silentLogger, clock, waitSeconds: 0.2 };
    const error = await runMigrations(store.connection, options).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(isAppError(error, 'UNAVAILABLE')).to.equal(true);
    await locks.updateOne({ _id: 'migrations' }, { $set: { leaseUntil: new Date(Date.now() - 1000) } });
    expect(await runMigrations(store.connection, options)).to.include('0001-installation.js');
  });
});
