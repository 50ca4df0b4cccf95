import { EventEmitter, once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { startHttpServer } from './testServer.js';

describe('an HTTP server that closes', function () {
  this.timeout(10_000);
  /** As a load balancer keeps its connections. */
  const agent = new Agent({ keepAlive: true });
  after(() => agent.destroy());

  async function answerTo(url: string): Promise<IncomingMessage> {
    const [answer] = (await once(request(url, { agent }).end(), 'response')) as [IncomingMessage];
    return answer;
  }

  async function textOf(answer: IncomingMessage): Promise<string> {
    const parts: Buffer[] = await answer.toArray();
    return Buffer.concat(parts).toString();
  }

  it('lets a request under way end, and keeps its connection no longer than that', async () => {
    const moments = new EventEmitter();
    const entered = once(moments, 'entered');
    const server = await startHttpServer({
      routes: (app) =>
        app.get('/slow', async () => {
          moments.emit('entered');
          await once(moments, 'leave');
          return { done: true };
        }),
    });
    const asked = answerTo(`${server.url}/slow`);
    await entered;
    const closed = server.close();
    while (server.app.server.listening) await setImmediate();
    moments.emit('leave');
    const answer = await asked;
    expect(answer.headers.connection).to.equal('close');
    expect(await textOf(answer)).to.equal('{"done":true}');
    await closed;
    expect(server.lines).to.deep.equal([]);
  });

  it('lets an answer end that has begun, and keeps its connection no longer than that', async () => {
    const body = new Readable({ read: () => undefined });
    const server = await startHttpServer({ routes: (app) => app.get('/begun', () => body) });
    body.push('first, ');
    const answer = await answerTo(`${server.url}/begun`);
    expect(answer.headers.connection).to.equal('keep-alive');
    const closed = server.close();
    while (server.app.server.listening) await setImmediate();
    body.push('last');
    body.push(null);
    expect(await textOf(answer)).to.equal('first, last');
    await closed;
    expect(server.lines).to.deep.equal([]);
  });

  it('waits for no client that does not read its answer', async () => {
    const endless = new Readable({ read: () => endless.push(Buffer.alloc(65_536)) });
    const server = await startHttpServer({
      drainMilliseconds: 50,
      routes: (app) => app.get('/endless', () => endless),
    });
    const { hostname, port } = new URL(server.url);
    const lazy = connect(Number(port), hostname);
    lazy.on('error', () => undefined);
    lazy.write('GET /endless HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(lazy, 'readable');
    await server.close();
    expect(server.lines.map(({ level, message }) => [level, message])).to.deep.equal([
      ['warn', 'requests under way took too long: their connections are cut'],
    ]);
    lazy.destroy();
  });
});
