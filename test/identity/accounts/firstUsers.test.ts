import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import bcrypt from 'bcrypt';
import { expect } from 'chai';
import { verifyCredentials } from '../../../src/identity/accounts/credentials.js';
import { createDeclaredUsers, createFirstAdministrator } from '../../../src/identity/accounts/firstUsers.js';
import { type ConfigInput, createTestDeps, ORIGIN, storeUser, type TestDeps } from '../../support/deps.js';
import { recordingLogger } from '../../support/logger.js';
import { auditText, PASSWORD } from './support.js';

describe('the first users', () => {
  let folder: string;
  let test: TestDeps;
  const start = async (config: ConfigInput = {}) => {
    test = await createTestDeps({ config: { dataDirectory: join(folder, 'data'), ...config } });
    return test.deps;
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'first-users-'));
  });
  afterEach(async () => {
    await test.close();
    await rm(folder, { recursive: true });
  });

  it('are an administrator whose password is in a file for its owner alone', async () => {
    const deps = await start();
    const made = await createFirstAdministrator(deps);
    const file = join(folder, 'data', 'admin-password.txt');
    expect(made).to.deep.equal({ passwordFile: file });
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
    const password = (await readFile(file, 'utf8')).trim();
    expect(password).to.have.length(24);
    const admin = await verifyCredentials(deps, { identifier: 'admin', password }, ORIGIN);
    expect(admin.roleAssignments.map(({ role }) => role)).to.deep.equal(['admin']);
    expect(await auditText(test)).not.to.include(password);
  });

  it('are made once, whatever starts again', async () => {
    const deps = await start();
    await createFirstAdministrator(deps);
    expect(await createFirstAdministrator(deps)).to.equal(null);
    expect(await deps.models.users.countDocuments()).to.equal(1);
  });

  it('are made once by five processes that start together, and the file holds the right password', async () => {
    const deps = await start();
    const made = await Promise.all(Array.from({ length: 5 }, () => createFirstAdministrator(deps)));
    expect(made.filter(Boolean)).to.have.length(1);
    expect(await readdir(join(folder, 'data'))).to.deep.equal(['admin-password.txt']);
    const password = (await readFile(made.find(Boolean)!.passwordFile, 'utf8')).trim();
    await verifyCredentials(deps, { identifier: 'admin', password }, ORIGIN);
  });

  it('have the configured password, and no file then', async () => {
    const deps = await start({ admin: { password: PASSWORD, email: 'root@example.com', username: 'root' } });
    expect(await createFirstAdministrator(deps)).to.equal(null);
    await verifyCredentials(deps, { identifier: 'root@example.com', password: PASSWORD }, ORIGIN);
  });

  it('are not made beside an administrator of another name', async () => {
    const deps = await start();
    await storeUser(deps, { roleAssignments: [{ role: 'admin' }] });
    expect(await createFirstAdministrator(deps)).to.equal(null);
  });

  it('never take over an account that has the name by chance', async () => {
    const deps = await start();
    const logger = recordingLogger();
    await storeUser(deps, { username: 'Admin', usernameNormalized: 'admin' });
    expect(await createFirstAdministrator({ ...deps, logger })).to.equal(null);
    expect(logger.lines.map(({ level }) => level)).to.deep.equal(['error']);
    expect(await deps.models.users.countDocuments({ 'roleAssignments.role': 'admin' })).to.equal(0);
    expect(await readdir(join(folder, 'data'))).to.deep.equal([]);
  });

  it('are those that the configuration declares, made once and then left alone', async () => {
    const deps = await start({
      users: [
        {
          email: 'mod@example.com',
          username: 'mod',
          password: PASSWORD,
          roles: ['admin'],
          attributes: { region: 'eu' },
        },
        { username: 'plain', password: PASSWORD },
        { username: 'hashed', passwordHash: await bcrypt.hash(PASSWORD, 4) },
        { email: 'later@example.com' },
      ],
    });
    expect(await createDeclaredUsers(deps)).to.equal(4);
    const mod = await verifyCredentials(deps, { identifier: 'mod', password: PASSWORD }, ORIGIN);
    expect(mod).to.deep.include({ attributes: { region: 'eu' }, emailVerified: true });
    await verifyCredentials(deps, { identifier: 'plain', password: PASSWORD }, ORIGIN);
    await verifyCredentials(deps, { identifier: 'hashed', password: PASSWORD }, ORIGIN);
    await deps.models.users.updateOne({ _id: mod._id }, { $set: { name: 'Changed' } });
    expect(await createDeclaredUsers(deps)).to.equal(0);
    expect((await deps.models.users.findById(mod._id).lean())?.name).to.equal('Changed');
  });
});
