import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { freePort } from '../support/freePort.js';
import { createHttp, type Http } from '../support/http.js';
import { logLine, logLines } from '../support/logLines.js';
import { type ServerProcess, startServer } from '../support/process.js';

describe('several workers', function () {
  this.timeout(90_000);
  let folder: string;
  let server: ServerProcess;
  let http: Http;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fieldgate-workers-'));
    const port = await freePort();
    http = createHttp(`http://127.0.0.1:${port}`);
    server = await startServer(folder, { PORT: String(port), FIELDGATE_WORKERS: '2' });
  });
  after(async () => {
    await server?.stop('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  const workerIds = (): unknown[] =>
    logLines(server)
      .filter((line) => line.msg === 'a worker is ready')
      .map((line) => line['workerPid']);

  it('share one port and one embedded engine', async () => {
    const lines = logLines(server);
    expect(lines.filter((line) => 'readyInMilliseconds' in line)).to.have.length(1);
    expect(lines.find((line) => line.level === 'warn' && line.msg.includes('redisUrl'))).to.not.equal(
      undefined,
    );
    expect(workerIds()).to.have.length(2);
    expect((await http.rest('/health')).status).to.equal(200);
  });

  it('have their metrics added up', async () => {
    for (let i = 0; i < 20; i++) await http.rest('/livez', { headers: { connection: 'close' } });
    const { text } = await http.rest('/metrics');
    expect(text).to.include('http_requests_total{method="GET",route="/livez",status="200"} 20');
  });

  it('are replaced when they die, and drained at SIGTERM', async () => {
    const workers = workerIds();
    process.kill(workers[0] as number, 'SIGKILL');
    await logLine(server, (line) => line.msg === 'a worker is ready' && !workers.includes(line['workerPid']));
    expect((await http.rest('/health')).status).to.equal(200);
    expect(await server.stop()).to.equal(0);
  });
});
