import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { freePort } from './support/freePort.js';
import { createHttp, type Http } from './support/http.js';
import { logLine, logLines } from './support/logLines.js';
import { runToEnd, type ServerProcess, startServer } from './support/process.js';

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

describe('starting as a newcomer, in an empty folder', () => {
  let folder: string;
  let environment: Record<string, string>;
  let server: ServerProcess;
  let url: string;
  let http: Http;
  let password: string;
  let passwordFile: string;
  let session: { accessToken: string; refreshToken: string };

  const signIn = async (identifier: string, secret: string) =>
    http.rest<typeof session>('/auth/login', { body: { identifier, password: secret } });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fieldgate-newcomer-'));
    const port = await freePort();
    environment = { PORT: String(port) };
    url = `http://127.0.0.1:${port}`;
    http = createHttp(url);
    server = await startServer(folder, environment);
    passwordFile = join(folder, 'data', 'admin-password.txt');
    password = (await readFile(passwordFile, 'utf8')).trim();
  });
  after(async () => {
    await server?.stop('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  it('is ready within seconds', async () => {
    console.log(`        ready in ${Math.round(server.readyInMilliseconds)} ms`);
    // The aim, 3 s on an idle machine, is measured by bench/; this bound only tells "starts" from "hangs".
    expect(server.readyInMilliseconds).to.be.lessThan(30_000);
    const { status, body } = await http.rest('/health');
    expect(status).to.equal(200);
    expect(body).to.include({ status: 'ok', database: 'ok', redis: 'in-process' });
  });

  it('keeps what it made for its owner alone', async () => {
    expect(await modeOf(passwordFile)).to.equal('600');
    expect(await modeOf(join(folder, 'data', 'master.key'))).to.equal('600');
    expect(await modeOf(join(folder, 'data'))).to.equal('700');
    expect(password).to.have.length.greaterThan(20);
  });

  it('names the password file in the log once, and the password never', () => {
    const naming = server
      .output()
      .split('\n')
      .filter((line) => line.includes(passwordFile));
    expect(naming).to.have.length(1);
    expect(server.output()).not.to.include(password);
  });

  it('writes nothing but JSON lines with level, time and message', () => {
    for (const line of server.output().trim().split('\n')) {
      expect(JSON.parse(line)).to.include.all.keys('level', 'time', 'msg', 'service', 'version');
    }
  });

  it('says that the embedded engine is for small installations', () => {
    expect(server.output())
      .to.match(/embedded/i)
      .and.to.match(/MONGODB_URI/);
  });

  it('says where everything is in one line, once', () => {
    const ready = logLines(server).filter((line) => 'readyInMilliseconds' in line);
    expect(ready).to.have.length(1);
    expect(ready[0]).to.deep.include({ graphql: `${url}/graphql`, health: `${url}/health`, workers: 1 });
  });

  it('serves every door', async () => {
    expect((await http.rest('/.well-known/openid-configuration')).body).to.have.property('token_endpoint');
    expect((await http.rest('/.well-known/jwks.json')).body.keys).to.have.length.greaterThan(0);
    expect((await http.graphql('{ viewer { id } }')).status).to.equal(200);
    expect((await signIn('admin', password)).status).to.equal(200);
  });

  it('refuses a data folder that another server uses', async () => {
    const { code, output } = await runToEnd(folder, { PORT: String(await freePort()) });
    expect(code).to.equal(1);
    expect(output).to.contain('in use by the process');
  });

  it('drains at SIGTERM: the request under way is answered, no other is taken, and it exits with 0', async () => {
    session = (await signIn('admin', password)).body;
    const { host, hostname, port } = new URL(url);
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
        `Host: ${host}`,
        'Content-Type: application/json',
        `Content-Length: ${body.length}`,
        'Connection: close\r\n\r\n',
      ].join('\r\n'),
    );
    // Answered by the same process after it: the head of the request before has been read.
    await http.rest('/livez');
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

  it('keeps accounts, keys and sessions over a restart, and tells of no password then', async () => {
    server = await startServer(folder, environment);
    const { accessToken: token, refreshToken } = session;
    expect((await http.rest('/auth/me', { token })).status).to.equal(200);
    expect((await http.rest('/auth/refresh', { body: { refreshToken } })).status).to.equal(200);
    expect(server.output()).not.to.match(/admin-password/);
    expect((await readFile(passwordFile, 'utf8')).trim()).to.equal(password);
  });

  it('keeps them when it is killed', async () => {
    const before = await signIn('admin', password);
    await server.stop('SIGKILL');
    server = await startServer(folder, environment);
    const refreshed = await http.rest('/auth/refresh', { body: { refreshToken: before.body.refreshToken } });
    expect(refreshed.status).to.equal(200);
  });

  it('refuses to start on a port that is taken, with a reason', async () => {
    const other = await mkdtemp(join(tmpdir(), 'fieldgate-second-'));
    const { code, output } = await runToEnd(other, environment);
    await rm(other, { recursive: true, force: true });
    expect(code).to.equal(1);
    expect(output).to.include('EADDRINUSE');
  });
});

describe('starting with a wrong configuration', () => {
  it('names every fault, ends with 78 and makes nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fieldgate-wrong-'));
    const { code, output } = await runToEnd(folder, {
      PORT: '99999999',
      ISSUER: 'not a url',
      LOG_LEVEL: 'loud',
      FIELDGATE_WORKERS: '0',
    });
    const made = await readdir(folder);
    await rm(folder, { recursive: true, force: true });
    expect(code).to.equal(78);
    for (const path of ['listen.port', 'issuer', 'logging.level', 'workers']) expect(output).to.include(path);
    expect(made).to.deep.equal([]);
  });

  it('does so for rules about what the API does not have, too', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fieldgate-wrong-'));
    await writeFile(
      join(folder, 'fieldgate.yaml'),
      `roles:
  - name: clerk
    rules:
      - { id: see, effect: allow, actions: [read], subject: User, fields: [id, emial] }
      - { id: change, effect: allow, actions: [update], subject: Usr, fields: [name] }
scopes:
  - name: clerks
    description: What clerks do
    rules:
      - { id: see, effect: allow, actions: [devour], subject: User, fields: [id] }
`,
    );
    const { code, output } = await runToEnd(folder, { PORT: String(await freePort()) });
    const made = await readdir(folder);
    await rm(folder, { recursive: true, force: true });
    expect(output).to.include('The configuration has 3 faults');
    for (const path of [
      'roles[0].rules[0].fields[1]',
      'roles[0].rules[1].subject',
      'scopes[0].rules[0].actions[0]',
    ]) {
      expect(output).to.include(path);
    }
    expect(code).to.equal(78);
    expect(made).to.deep.equal(['fieldgate.yaml']);
  });
});
