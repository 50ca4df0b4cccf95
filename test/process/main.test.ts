import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from '../support/run.js';
import { freePort, type RunningServer, startServer, temporaryFolder } from '../support/server.js';

describe('the process', function () {
  this.timeout(60_000);
  let folder: ReturnType<typeof temporaryFolder>;
  let running: RunningServer | null;
  beforeEach(() => {
    folder = temporaryFolder();
    running = null;
  });
  afterEach(async () => {
    await running?.stop('SIGKILL');
    folder.remove();
  });

  const started = async (env: NodeJS.ProcessEnv = {}): Promise<RunningServer> => {
    running = await startServer(folder.path, env);
    return running;
  };

  const keyIds = async (url: string): Promise<string[]> => {
    const response = await fetch(`${url}/.well-known/jwks.json`);
    const { keys } = (await response.json()) as { keys: { kid: string }[] };
    return keys.map((key) => key.kid);
  };

  it('says where everything is in one line, once', async () => {
    const { url, lines } = await started();
    const ready = lines.filter((line) => 'readyInMilliseconds' in line);
    expect(ready).to.have.length(1);
    expect(ready[0]).to.deep.include({ graphql: `${url}/graphql`, health: `${url}/health`, workers: 1 });
    expect((await fetch(`${url}/health`)).status).to.equal(200);
  });

  it('is ready within three seconds of its start', async () => {
    // The first start of the folder makes keys and indexes. A start may be slowed down by whatever else this machine
    // does, so the best of a few counts.
    const taken: number[] = [];
    while (taken.length < 4 && !taken.some((milliseconds) => milliseconds < 3000)) {
      const server = await started();
      taken.push(server.readyInMilliseconds);
      await server.stop();
    }
    expect(Math.min(...taken)).to.be.below(3000);
  });

  it('writes the first password to a file for its owner, and its place but not itself to the log', async () => {
    const { lines } = await started();
    const announced = lines.filter((line) => 'passwordFile' in line);
    expect(announced).to.have.length(1);
    const file = join(folder.path, 'data', 'admin-password.txt');
    expect(announced[0]!['passwordFile']).to.equal(file);
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    const password = readFileSync(file, 'utf8').trim();
    expect(password).to.have.length.above(15);
    expect(JSON.stringify(lines)).not.to.contain(password);
  });

  it('keeps its data over a restart, and announces no second administrator', async () => {
    const first = await started();
    const before = await keyIds(first.url);
    expect(await first.stop()).to.equal(0);
    const second = await started();
    expect(await keyIds(second.url)).to.deep.equal(before);
    expect(second.lines.filter((line) => 'passwordFile' in line)).to.deep.equal([]);
  });

  it('drains at SIGTERM: the request under way is answered, no other is taken, and it exits with 0', async () => {
    const server = await started();
    const { url, process: child } = server;
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    const body = JSON.stringify({ query: '{ __typename }' });
    // The head now, the body after the signal: the request is under way while the server drains.
    socket.write(
      `POST /graphql HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`,
    );
    // Answered by the same process after it: the head of the request before has been read.
    await fetch(`${url}/livez`);
    child.kill('SIGTERM');
    await server.line((entry) => entry['signal'] === 'SIGTERM');
    socket.end(body);
    await once(socket, 'close');
    expect(answer).to.match(/^HTTP\/1\.1 200 /);
    const [code] = child.exitCode === null ? ((await once(child, 'exit')) as [number]) : [child.exitCode];
    expect(code).to.equal(0);
    expect(
      await fetch(`${url}/livez`).then(
        () => 'answered',
        () => 'refused',
      ),
    ).to.equal('refused');
  });

  it('exits with 1 and says why when the port is taken', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as { port: number };
    try {
      const { code, stdout } = await run('dist/src/main.js', [], {
        cwd: folder.path,
        env: { PORT: String(port) },
      });
      expect(code).to.equal(1);
      expect(stdout).to.contain('could not start').and.contain('EADDRINUSE');
    } finally {
      blocker.close();
    }
  });

  it('refuses a data folder that another server uses', async () => {
    await started();
    const env = { PORT: String(await freePort()) };
    const { code, stdout } = await run('dist/src/main.js', [], { cwd: folder.path, env });
    expect(code).to.equal(1);
    expect(stdout).to.contain('in use by the process');
  });

  it('lets commands work beside it', async () => {
    const { url } = await started();
    const before = await keyIds(url);
    const options = { cwd: folder.path };
    const rotated = await run('dist/src/cli/main.js', ['keys', 'rotate'], options);
    expect(rotated.stderr).to.equal('');
    expect(rotated.code).to.equal(0);
    const after = /published keys: (.*)/.exec(rotated.stdout)![1]!.split(', ');
    expect(after).to.have.length(before.length + 1);
    expect(after).to.include.members(before);

    const input = 'an uncommon phrase of words\n';
    const create = ['users', 'create', '--email', 'ann@example.com', '--password-stdin', '--json'];
    const created = await run('dist/src/cli/main.js', create, { ...options, input });
    expect(created.code).to.equal(0);
    const response = await fetch(`${url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ identifier: 'ann@example.com', password: input.trim() }),
    });
    expect(response.status).to.equal(200);
  });

  it('runs workers on one port and one embedded engine, and replaces one that dies', async () => {
    const server = await started({ FIELDGATE_WORKERS: '2' });
    const { url, lines } = server;
    expect(lines.find((entry) => entry.level === 'warn' && entry.msg.includes('redisUrl'))).to.not.equal(
      undefined,
    );
    expect(lines.filter((entry) => 'readyInMilliseconds' in entry)).to.have.length(1);
    const workers = (): unknown[] =>
      lines.filter((entry) => entry.msg === 'a worker is ready').map((entry) => entry['workerPid']);
    expect(workers()).to.have.length(2);
    const [victim] = workers() as number[];
    process.kill(victim!, 'SIGKILL');
    await server.line(
      (entry) => entry.msg === 'a worker is ready' && workers().indexOf(entry['workerPid']) === 2,
    );
    expect((await fetch(`${url}/health`)).status).to.equal(200);
    expect(await server.stop()).to.equal(0);
  });
});
