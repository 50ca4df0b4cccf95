import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { SMTPServer } from 'smtp-server';
import { runCommandIn } from '../support/commandLine.js';
import { freePort } from '../support/freePort.js';
import { createHttp, type Http } from '../support/http.js';
import { type ServerProcess, startServer } from '../support/process.js';
import { run } from '../support/run.js';

const PASSWORD = 'nine grey herons over the weir';

describe('npx fieldgate beside a running server on the embedded engine', function () {
  this.timeout(90_000);
  let folder: string;
  let server: ServerProcess;
  let smtp: SMTPServer;
  const letters: string[] = [];
  let http: Http;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fieldgate-beside-'));
    smtp = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, _session, done) => {
        const keep = async () => {
          letters.push(await text(stream));
          done();
        };
        void keep();
      },
    });
    const [port, smtpPort] = [await freePort(), await freePort()];
    await new Promise<void>((resolve) => {
      smtp.listen(smtpPort, '127.0.0.1', () => resolve());
    });
    http = createHttp(`http://127.0.0.1:${port}`);
    const config = { listen: { port }, mail: { smtpUrl: `smtp://127.0.0.1:${smtpPort}` } };
    await writeFile(join(folder, 'fieldgate.yaml'), JSON.stringify(config));
    server = await startServer(folder, {});
  });
  after(async () => {
    await server.stop();
    await new Promise<void>((resolve) => {
      smtp.close(() => resolve());
    });
    await rm(folder, { recursive: true, force: true });
  });

  const signIn = () =>
    http.rest<{ accessToken: string }>('/auth/login', {
      body: { identifier: 'ada@example.com', password: PASSWORD },
    });
  const fieldgate = (...args: string[]) => runCommandIn(folder, args);

  const keyIds = async (): Promise<string[]> => {
    const { body } = await http.rest<{ keys: { kid: string }[] }>('/.well-known/jwks.json');
    return body.keys.map((key) => key.kid);
  };

  it('makes no account without a password where none came by standard input', async () => {
    const create = ['users', 'create', '--username', 'eve', '--password-stdin'];
    const made = await run('dist/src/cli/main.js', create, { cwd: folder, input: '\n' });
    expect(made).to.include({ code: 65, stdout: '' });
    expect(made.stderr).to.contain('no password on standard input');
  });

  it('works on the data of that server: who is made by a command signs in at once, and is mailed a link', async () => {
    const create = ['users', 'create', '--email', 'ada@example.com', '--password-stdin', '--json'];
    const made = await run('dist/src/cli/main.js', create, { cwd: folder, input: `${PASSWORD}\n` });
    expect(made).to.deep.include({ code: 0, stderr: '' });
    const signedIn = await signIn();
    expect(signedIn.status, signedIn.text).to.equal(200);

    const reset = await fieldgate('users', 'reset', 'ada@example.com', '--json');
    expect(reset.code, reset.stderr).to.equal(0);
    expect(JSON.parse(reset.stdout)).to.include({ sentTo: 'email' });
    // Quoted-printable breaks lines and writes = as =3D.
    const mailed = letters.join('\n').replaceAll('=\r\n', '');
    expect(mailed).to.contain('To: ada@example.com').and.contain('reset-password?token=3D');
  });

  it('rotates the keys of that server', async () => {
    const before = await keyIds();
    const rotated = await fieldgate('keys', 'rotate');
    expect(rotated).to.deep.include({ code: 0, stderr: '' });
    const after = /published keys: (.*)\n/.exec(rotated.stdout)![1]!.split(', ');
    expect(after).to.have.length(before.length + 1);
    expect(after).to.include.members(before);
  });

  it('revokes everything that server has issued, and only when that is said', async () => {
    const { accessToken: token } = (await signIn()).body;
    const me = async () => (await http.rest('/auth/me', { token })).status;
    expect(await me()).to.equal(200);
    expect((await fieldgate('tokens', 'revoke')).code).to.equal(2);
    const reset = await fieldgate('tokens', 'revoke', '--everything');
    expect(reset).to.deep.include({ code: 0, stdout: 'revoked: everything\n', stderr: '' });
    // The server hears of it within a second, the keys within a minute or at the next unknown one.
    for (let turn = 0; turn < 40 && (await me()) === 200; turn += 1) await setTimeout(100);
    expect(await me()).to.equal(401);
  });

  it('refuses to restore under that server, and says to stop it', async () => {
    const backup = await fieldgate('backup', 'all.backup');
    expect(backup.code, backup.stderr).to.equal(0);
    const { code, stderr } = await fieldgate('restore', 'all.backup', '--force');
    expect(code).to.equal(69);
    expect(stderr).to.contain('stop it first');
  });
});
