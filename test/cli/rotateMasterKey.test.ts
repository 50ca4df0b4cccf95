import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { masterKeyIdOf } from '../../src/identity/keys/keyId.js';
import type { ForgottenSecrets } from '../../src/identity/keys/lostMasterKey.js';
import type { RotatedMasterKey } from '../../src/identity/keys/masterKeyRotation.js';
import { type Person, startApp, type TestApp, type Tokens } from '../support/app.js';
import { type CommandLine, commandLineOf } from '../support/commandLine.js';
import { runToEnd } from '../support/process.js';

describe('npx fieldgate keys rotate-master', function () {
  this.timeout(90_000);
  let app: TestApp;
  let cli: CommandLine;
  let person: Person & Tokens;
  before(async () => {
    app = await startApp();
    cli = await commandLineOf(app);
    person = await app.signInAs();
  });
  after(async () => {
    await cli.close();
    await app.close();
  });

  const keyFile = () => join(app.config.dataDirectory, 'master.key');
  const idIn = async (path: string) =>
    masterKeyIdOf(Buffer.from((await readFile(path, 'utf8')).trim(), 'base64url'));

  it('replaces the key file beside a running server, and keeps the old key under its id', async () => {
    const before = await idIn(keyFile());
    const told = await cli.json<RotatedMasterKey>('keys', 'rotate-master', '--settle', '0');
    expect(told).to.include({ from: before, to: await idIn(keyFile()), finished: true });
    expect(told.reencrypted).to.be.above(2);
    expect(await idIn(`${keyFile()}.${before}`)).to.equal(before);
    expect((await app.rest('/auth/me', { token: person.accessToken })).status).to.equal(200);
    await app.signIn(person);
    expect((await cli.fieldgate('audit', 'verify')).stdout).to.contain('nothing is wrong');
  });

  it('goes on where it was killed', async () => {
    const before = await idIn(keyFile());
    const child = spawn(
      process.execPath,
      [`${process.cwd()}/dist/src/cli/main.js`, 'keys', 'rotate-master', '--settle', '5'],
      // Bare: a server that the tests run on is named in the environment, and would win over the file.
      { cwd: cli.folder, stdio: 'ignore', env: { PATH: process.env['PATH'], HOME: process.env['HOME'] } },
    );
    const ended = once(child, 'exit');
    while ((await idIn(keyFile())) === before) await setTimeout(20);
    child.kill('SIGKILL');
    await ended;
    await app.signIn(person);
    expect(await app.deps.models.dataKeys.countDocuments({ rotation: { $ne: null } })).to.equal(1);
    const told = await cli.json<RotatedMasterKey>('keys', 'rotate-master', '--settle', '0');
    expect(told).to.include({ from: before, to: await idIn(keyFile()), finished: true });
    expect(await app.deps.models.dataKeys.countDocuments({ rotation: { $ne: null } })).to.equal(0);
    expect((await readdir(app.config.dataDirectory)).filter((name) => name.endsWith('.next'))).to.deep.equal(
      [],
    );
  });

  it('takes a new key from a file where the key is configured, and finishes when that one is', async () => {
    const masterKey = (await readFile(keyFile(), 'utf8')).trim();
    const configured = await commandLineOf(app, { masterKey });
    const alone = await configured.fieldgate('keys', 'rotate-master', '--settle', '0');
    expect(alone.code).to.equal(65);
    expect(alone.stderr).to.contain('--new-key-file');
    const args = ['keys', 'rotate-master', '--settle', '0', '--new-key-file', 'new.key'];
    expect(await configured.json<RotatedMasterKey>(...args)).to.include({ finished: false });
    const made = (await readFile(join(configured.folder, 'new.key'), 'utf8')).trim();
    const changed = await commandLineOf(app, { masterKey: made });
    expect(await changed.json<RotatedMasterKey>('keys', 'rotate-master', '--settle', '0')).to.include({
      finished: true,
    });
    await app.signIn(person);
    await configured.close();
    await changed.close();
    await writeFile(keyFile(), `${made}\n`);
  });

  it('ends server and commands with 78 and the way out when the master key is another, which forgets what is lost', async () => {
    const dataDirectory = join(cli.folder, 'other');
    await mkdir(dataDirectory);
    const lost = await commandLineOf(app, { dataDirectory });
    await writeFile(join(dataDirectory, 'master.key'), `${randomBytes(32).toString('base64url')}\n`, {
      mode: 0o600,
    });
    const [command, server] = await Promise.all([lost.fieldgate('keys', 'list'), runToEnd(lost.folder, {})]);
    for (const { code, text } of [
      { code: command.code, text: command.stderr },
      { code: server.code, text: server.output },
    ]) {
      expect(code, text).to.equal(78);
      expect(text).to.contain('made with the master key').and.contain('Bring back the file master.key');
    }
    expect((await lost.fieldgate('keys', 'forget-master')).code).to.equal(65);
    expect((await cli.fieldgate('keys', 'forget-master', '--lose-what-it-encrypted')).code).to.equal(65);
    const forgotten = await lost.json<ForgottenSecrets>('keys', 'forget-master', '--lose-what-it-encrypted');
    expect(forgotten.signingKeys).to.be.above(1);
    expect((await lost.fieldgate('audit', 'export', '--out', '-')).stdout).to.contain('masterKey.forget');
    await lost.close();
    const again = await startApp(
      { masterKey: (await readFile(join(dataDirectory, 'master.key'), 'utf8')).trim() },
      { replicaOf: app },
    );
    await again.signIn(person);
    expect((await again.rest('/auth/me', { token: person.accessToken })).status).to.equal(401);
    await again.close();
  });
});
