import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { SMTPServer } from 'smtp-server';
import { freePort } from '../support/freePort.js';
import { createHttp } from '../support/http.js';
import { type ServerProcess, startServer } from '../support/process.js';
import { run } from '../support/run.js';

describe('npx fieldgate beside a running server on the embedded engine', function () {
  this.timeout(90_000);
  let folder: string;
  let server: ServerProcess;
  let smtp: SMTPServer;
  const letters: string[] = [];
  let url: string;

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
    url = `http://127.0.0.1:${port}`;
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

  const fieldgate = (args: string[], input?: string) =>
    run('dist/src/cli/main.js', args, { cwd: folder, ...(input !== undefined && { input }) });

  it('works on the data of that server: who is made by a command signs in at once, and is mailed a link', async () => {
    const password = 'nine grey herons over the weir';
    const made = await fieldgate(
      ['users', 'create', '--email', 'ada@example.com', '--password-stdin', '--json'],
      password,
    );
    expect(made.code, made.stderr).to.equal(0);
    const body = { identifier: 'ada@example.com', password };
    const signedIn = await createHttp(url).rest('/auth/login', { body });
    expect(signedIn.status, signedIn.text).to.equal(200);

    const reset = await fieldgate(['users', 'reset', 'ada@example.com', '--json']);
    expect(reset.code, reset.stderr).to.equal(0);
    expect(JSON.parse(reset.stdout)).to.include({ sentTo: 'email' });
    // Quoted-printable breaks lines and writes = as =3D.
    const mailed = letters.join('\n').replaceAll('=\r\n', '');
    expect(mailed).to.contain('To: ada@example.com').and.contain('reset-password?token=3D');
  });

  it('refuses to restore under that server, and says to stop it', async () => {
    const backup = await fieldgate(['backup', 'all.backup']);
    expect(backup.code, backup.stderr).to.equal(0);
    const { code, stderr } = await fieldgate(['restore', 'all.backup', '--force']);
    expect(code).to.equal(69);
    expect(stderr).to.contain('stop it first');
  });
});
