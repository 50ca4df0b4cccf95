import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { freePort } from '../support/freePort.js';
import { logLine, logLines } from '../support/logLines.js';
import { runToEnd, type ServerProcess, startServer } from '../support/process.js';
import { run } from '../support/run.js';

describe('the process', function () {
  this.timeout(120_000);
  let folder: string;
  let url: string;
  let running: ServerProcess | null;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fieldgate-process-'));
    running = null;
  });
  afterEach(async () => {
    await running?.stop('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  const started = async (environment: Record<string, string> = {}): Promise<ServerProcess> => {
    const port = String(await freePort());
    url = `http://127.0.0.1:${port}`;
    running = await startServer(folder, { PORT: port, ...environment });
    return running;
  };

  const keyIds = async (): Promise<string[]> => {
    const response = await fetch(`${url}/.well-known/jwks.json`);
    const { keys } = (await response.json()) as { keys: { kid: string }[] };
    return keys.map((key) => key.kid);
  };

  it('says where everything is in one line, once', async () => {
    const ready = logLines(await started()).filter((line) => 'readyInMilliseconds' in line);
    expect(ready).to.have.length(1);
    expect(ready[0]).to.deep.include({ graphql: `${url}/graphql`, health: `${url}/health`, workers: 1 });
  });

  it('drains at SIGTERM: the request under way is answered, no other is taken, and it exits with 0', async () => {
    const server = await started();
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    const body = JSON.stringify({ query: '{ __typename }' });
    // The head now, the body after the signal: the request is under way while the server drains.
    socket.write(
      [
        'POST /graphql HTTP/1.1',
        `Host: ${hostname}:${port}`,
        'Content-Type: application/json',
        `Content-Length: ${body.length}`,
        'Connection: close\r\n\r\n',
      ].join('\r\n'),
    );
    // Answered by the same process after it: the head of the request before has been read.
    await fetch(`${url}/livez`);
    process.kill(server.pid, 'SIGTERM');
    await logLine(server, (line) => line['signal'] === 'SIGTERM');
    socket.end(body);
    await once(socket, 'close');
    expect(answer).to.match(/^HTTP\/1\.1 200 /);
    await logLine(server, (line) => line.msg === 'stopped');
    expect(await server.stop()).to.equal(0);
    const later = await fetch(`${url}/livez`).then(
      () => 'answered',
      () => 'refused',
    );
    expect(later).to.equal('refused');
  });

  it('refuses a data folder that another server uses', async () => {
    await started();
    const { code, output } = await runToEnd(folder, { PORT: String(await freePort()) });
    expect(code).to.equal(1);
    expect(output).to.contain('in use by the process');
  });

  it('lets commands work beside it', async () => {
    await started();
    const before = await keyIds();
    const rotated = await run('dist/src/cli/main.js', ['keys', 'rotate'], { cwd: folder });
    expect(rotated).to.deep.include({ code: 0, stderr: '' });
    const after = /published keys: (.*)\n/.exec(rotated.stdout)![1]!.split(', ');
    expect(after).to.have.length(before.length + 1);
    expect(after).to.include.members(before);

    const create = ['users', 'create', '--email', 'ann@example.com', '--password-stdin', '--json'];
    const created = await run('dist/src/cli/main.js', create, {
      cwd: folder,
      input: 'an uncommon phrase of words\n',
    });
    expect(created).to.deep.include({ code: 0, stderr: '' });
    const response = await fetch(`${url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ identifier: 'ann@example.com', password: 'an uncommon phrase of words' }),
    });
    expect(response.status).to.equal(200);

    // The reset: new keys, and what was issued before is refused.
    const { accessToken } = (await response.json()) as { accessToken: string };
    const me = async () =>
      (await fetch(`${url}/auth/me`, { headers: { authorization: `Bearer ${accessToken}` } })).status;
    expect(await me()).to.equal(200);
    const unclear = await run('dist/src/cli/main.js', ['tokens', 'revoke'], { cwd: folder });
    expect(unclear.code).to.equal(2);
    const reset = await run('dist/src/cli/main.js', ['tokens', 'revoke', '--everything'], { cwd: folder });
    expect(reset).to.deep.include({ code: 0, stdout: 'revoked: everything\n', stderr: '' });
    // The server hears of it within a second, the keys within a minute or at the next unknown one.
    for (let turn = 0; turn < 40 && (await me()) === 200; turn += 1) await setTimeout(100);
    expect(await me()).to.equal(401);
  });

  it('runs workers on one port and one embedded engine, and replaces one that dies', async () => {
    const server = await started({ FIELDGATE_WORKERS: '2' });
    const lines = logLines(server);
    expect(lines.filter((line) => 'readyInMilliseconds' in line)).to.have.length(1);
    expect(lines.find((line) => line.level === 'warn' && line.msg.includes('redisUrl'))).to.not.equal(
      undefined,
    );
    const workers = lines.filter((line) => line.msg === 'a worker is ready').map((line) => line['workerPid']);
    expect(workers).to.have.length(2);

    process.kill(workers[0] as number, 'SIGKILL');
    await logLine(server, (line) => line.msg === 'a worker is ready' && !workers.includes(line['workerPid']));
    expect((await fetch(`${url}/health`)).status).to.equal(200);
    expect(await server.stop()).to.equal(0);
  });
});
