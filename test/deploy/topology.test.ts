import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import mongoose from 'mongoose';
import { localCertificate } from '../../src/cli/certificate.js';
import { freePort } from '../support/freePort.js';
import { createHttp, type Http } from '../support/http.js';
import { type ServerProcess, startServer } from '../support/process.js';
import { nginxProgram, startProxy } from '../support/proxy.js';
import { realMongoUri } from '../support/realMongo.js';
import { hasRedisServer, type RedisServer, startRedisServer } from '../support/redisServer.js';
import { skipBecause } from '../support/skip.js';

const PASSWORD = 'four uncommon words together';

/** What docker-compose.yml runs, without containers: two processes, one MongoDB, one Redis, nginx in front. */
describe('two replicas that share nothing but MongoDB and Redis', function () {
  this.timeout(60_000);
  let folder: string;
  let redis: RedisServer;
  let mongodbUri: string;
  const replicas: ServerProcess[] = [];
  let first: Http;
  let second: Http;
  let proxyPort: number;
  let stopProxy: (() => Promise<void>) | undefined;
  let certificate: { cert: string; key: string };

  before(async function () {
    const given = realMongoUri(this);
    if (!hasRedisServer()) skipBecause(this, 'there is no redis-server');
    folder = mkdtempSync(join(tmpdir(), 'fieldgate-topology-'));
    redis = await startRedisServer();
    mongodbUri = given.replace(/(\/\/[^/?]+)(\/[^?]*)?/, `$1/topology_${randomBytes(6).toString('hex')}`);
    certificate = await localCertificate(join(folder, 'tls'));
    proxyPort = await freePort();

    const ports = [await freePort(), await freePort()] as const;
    const environment = {
      NODE_ENV: 'production',
      ISSUER: `https://127.0.0.1:${proxyPort}`,
      MONGODB_URI: mongodbUri,
      REDIS_URL: redis.url,
      FIELDGATE_MASTER_KEY: randomBytes(32).toString('base64url'),
      FIELDGATE_ADMIN_PASSWORD: PASSWORD,
      // Nothing in these tests sends a mail.
      FIELDGATE_MAIL_SMTP_URL: 'smtp://127.0.0.1:9',
      FIELDGATE_LISTEN_TRUSTED_PROXIES: '127.0.0.1',
    };
    // Both at once: they race for keys, indexes and the administrator.
    await Promise.all(
      ports.map(async (port) => {
        const own = join(folder, `replica-${port}`);
        mkdirSync(own);
        replicas.push(await startServer(own, { ...environment, PORT: String(port) }));
      }),
    );
    first = createHttp(`http://127.0.0.1:${ports[0]}`);
    second = createHttp(`http://127.0.0.1:${ports[1]}`);
    if (nginxProgram()) {
      stopProxy = await startProxy({ folder, port: proxyPort, replicaPorts: ports, certificate });
    }
  });

  after(async () => {
    await stopProxy?.();
    await Promise.all(replicas.map((replica) => replica.stop()));
    await redis?.close();
    if (mongodbUri) {
      const connection = await mongoose.createConnection(mongodbUri).asPromise();
      await connection.dropDatabase();
      await connection.close();
    }
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  interface Tokens {
    accessToken: string;
    refreshToken: string;
  }

  const signIn = async (http: Http): Promise<Tokens> => {
    const { status, body } = await http.rest<Tokens>('/auth/login', {
      body: { identifier: 'admin', password: PASSWORD },
    });
    expect(status).to.equal(200);
    return body;
  };

  const statusOfMe = async (http: Http, token: string): Promise<number> =>
    (await http.rest('/auth/me', { token })).status;

  /** Milliseconds until the replica refuses the token; fails after five seconds. */
  const refusedAfter = async (http: Http, token: string): Promise<number> => {
    const start = performance.now();
    while ((await statusOfMe(http, token)) !== 401) {
      if (performance.now() - start > 5000) throw new Error('the token is still taken');
      await setTimeout(10);
    }
    return performance.now() - start;
  };

  const throughProxy = (path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const ca = readFileSync(certificate.cert);
      const options = { host: '127.0.0.1', port: proxyPort, path, headers, ca, servername: '' };
      const sent = request(options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
      sent.on('error', reject).end();
    });

  it('publish the same keys', async () => {
    const [here, there] = await Promise.all([
      first.rest('/.well-known/jwks.json'),
      second.rest('/.well-known/jwks.json'),
    ]);
    expect(here.body.keys).to.have.length.above(0);
    expect(there.body).to.deep.equal(here.body);
  });

  it('take each other’s access and refresh tokens', async () => {
    const tokens = await signIn(first);
    expect(await statusOfMe(second, tokens.accessToken)).to.equal(200);
    const refreshed = await second.rest<Tokens>('/auth/refresh', {
      body: { refreshToken: tokens.refreshToken },
    });
    expect(refreshed.status).to.equal(200);
    expect(await statusOfMe(first, refreshed.body.accessToken)).to.equal(200);
  });

  it('give those who refresh at both at once one successor, and tell a race from a theft', async () => {
    const { accessToken, refreshToken } = await signIn(first);
    let address = 0;
    const refresh = (http: Http, token: string) =>
      http.rest<Tokens>('/auth/refresh', {
        body: { refreshToken: token },
        // Each from an address of its own, as the proxy would tell: the limits per address are not what is tested.
        headers: { 'x-forwarded-for': `198.51.100.${(address += 1)}` },
      });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => refresh(index % 2 === 0 ? first : second, refreshToken)),
    );
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200]));
    const [successor = '', ...others] = [...new Set(answers.map(({ body }) => body.refreshToken))];
    expect(others).to.deep.equal([]);

    const { sub: userId } = (await first.rest('/auth/validate', { token: accessToken })).body;
    const connection = await mongoose.createConnection(mongodbUri).asPromise();
    const trail = async (action: string): Promise<number> => {
      const events = connection.collection('auditEvents').find({ action });
      return (await events.toArray()).length;
    };
    try {
      const found = await connection
        .collection('refreshFamilies')
        .findOne({ userId }, { sort: { createdAt: -1 } });
      expect(found).to.include({ counter: 1, rotations: 1, replays: 19 });
      const query =
        '{ viewer { sessions(first: 1) { nodes { refreshFamily { rotations replays lastReplay } } } } }';
      const seen = await second.graphql(query, {}, { token: accessToken });
      const [session] = seen.data.viewer.sessions.nodes;
      expect(session.refreshFamily).to.include({ rotations: 1, replays: 19 });
      expect(session.refreshFamily.lastReplay).to.be.a('string');

      // The successor is used at one of them: from then on its predecessor is a theft at the other.
      expect((await refresh(first, successor)).status).to.equal(200);
      expect((await refresh(second, refreshToken)).status).to.be.oneOf([400, 401]);
      expect(await refusedAfter(first, accessToken)).to.be.below(1000);
      for (let turn = 0; turn < 100 && (await trail('token.replay')) === 0; turn += 1) await setTimeout(20);
      expect(await trail('token.replay')).to.be.above(0);
      expect(await trail('token.reuse')).to.equal(1);
    } finally {
      await connection.close();
    }
  });

  it('refuse within a second what was signed out at the other', async () => {
    const { accessToken, refreshToken } = await signIn(first);
    expect(await statusOfMe(second, accessToken)).to.equal(200);
    const signedOut = await second.rest('/auth/logout', { method: 'POST', token: accessToken });
    expect(signedOut.status).to.be.oneOf([200, 204]);
    expect(await refusedAfter(first, accessToken)).to.be.below(1000);
    const refreshed = await first.rest('/auth/refresh', { body: { refreshToken } });
    expect(refreshed.status).to.be.oneOf([400, 401]);
  });

  it('are one installation behind the TLS proxy, which shows no metrics', async function () {
    if (!stopProxy) skipBecause(this, 'there is no nginx');
    const { accessToken } = await signIn(first);
    const authorization = `Bearer ${accessToken}`;
    // Round robin: two requests reach both.
    for (let turn = 0; turn < 4; turn += 1) {
      expect((await throughProxy('/auth/me', { authorization })).status).to.equal(200);
    }
    const discovery = await throughProxy('/.well-known/openid-configuration');
    expect(JSON.parse(discovery.text)).to.include({ issuer: `https://127.0.0.1:${proxyPort}` });
    expect((await throughProxy('/metrics')).status).to.equal(404);
  });

  it('answer through the proxy when one of them is gone', async function () {
    if (!stopProxy) skipBecause(this, 'there is no nginx');
    expect(await replicas[0]!.stop('SIGTERM')).to.equal(0);
    for (let turn = 0; turn < 4; turn += 1) {
      expect((await throughProxy('/health')).status).to.equal(200);
    }
  });
});
