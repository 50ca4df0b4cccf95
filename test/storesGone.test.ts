import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type EmbeddedEngine, startEmbeddedEngine } from '../src/stores/embedded/engine.js';
import { type Person, startApp, type TestApp, type Tokens } from './support/app.js';
import type { Answer } from './support/http.js';
import { hasRedisServer, type RedisServer, startRedisServer } from './support/redisServer.js';
import { skipBecause } from './support/skip.js';

/** A request that waits for a store longer than this hangs, to whoever sent it. */
const SECONDS_TO_FAIL = 6;

type SignedIn = Person & Tokens & { readonly cookie: string };

interface Timed {
  readonly answer: Answer<unknown>;
  readonly seconds: number;
}

const robot = {
  clientId: 'robot',
  name: 'Robot',
  secret: 'a secret of at least thirty-two characters',
  grantTypes: ['client_credentials' as const],
  scopes: ['users:read'],
};

describe('a MongoDB that went away under a running app', () => {
  let folder: string;
  let engine: EmbeddedEngine;
  let app: TestApp;
  let person: SignedIn;
  let whenItWent: Record<string, Timed>;
  let afterwards: Record<string, Timed>;
  let crowd: readonly Timed[];
  let health: Timed & { readonly answer: { readonly body: { readonly database: string } } };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fieldgate-gone-'));
    engine = await startEmbeddedEngine(folder);
    app = await startApp({ clients: [robot] }, { stores: { mongodbUri: engine.uri } });
    person = await signInTwice();
    // Of another, since what is under way may still sign out.
    const underWay = askAll(await signInTwice());
    await engine.close();
    whenItWent = await underWay;
    [afterwards, crowd, health] = await Promise.all([askAll(person), askOften(), timed(app.rest('/health'))]);
  });
  after(async () => {
    await app?.close();
    await engine.close().catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  });

  async function timed<T>(request: Promise<Answer<T>>): Promise<{ answer: Answer<T>; seconds: number }> {
    const started = process.hrtime.bigint();
    const answer = await request;
    return { answer, seconds: Number(process.hrtime.bigint() - started) / 1e9 };
  }

  /** With tokens, and in a browser. */
  async function signInTwice(): Promise<SignedIn> {
    const somebody = await app.signInAs();
    const { email: identifier, password } = somebody;
    const { headers } = await app.rest('/auth/login', { body: { identifier, password, cookie: true } });
    const cookie = headers.getSetCookie().map((one) => one.split(';', 1)[0]);
    return { ...somebody, cookie: cookie.join('; ') };
  }

  const basic: [string, string] = [robot.clientId, robot.secret];
  const credentials = ({ email: identifier, password }: SignedIn) => ({ identifier, password });
  const refused: Record<string, (who: SignedIn) => Promise<Answer<unknown>>> = {
    '/auth/login': (who) => app.rest('/auth/login', { body: credentials(who) }),
    '/auth/refresh': (who) => app.rest('/auth/refresh', { body: { refreshToken: who.refreshToken } }),
    '/auth/register': (who) =>
      app.rest('/auth/register', { body: { email: 'new@example.com', password: who.password } }),
    '/auth/me': (who) => app.rest('/auth/me', { token: who.accessToken }),
    '/auth/validate': (who) => app.rest('/auth/validate', { token: who.accessToken }),
    '/auth/validate by cookie': (who) => app.rest('/auth/validate', { cookie: who.cookie }),
    '/auth/logout': (who) => app.rest('/auth/logout', { body: {}, token: who.accessToken }),
    '/oauth/token': () => app.rest('/oauth/token', { form: { grant_type: 'client_credentials' }, basic }),
    '/oauth/introspect': (who) => app.rest('/oauth/introspect', { form: { token: who.accessToken }, basic }),
    '/oauth/revoke': (who) => app.rest('/oauth/revoke', { form: { token: who.refreshToken }, basic }),
    '/oauth/userinfo': (who) => app.rest('/oauth/userinfo', { token: who.accessToken }),
    '/graphql with a token': (who) => app.graphql('{ viewer { id } }', {}, { token: who.accessToken }),
    '/graphql with a cookie': (who) => app.graphql('{ viewer { id } }', {}, { cookie: who.cookie }),
    '/graphql without a credential': (who) =>
      app.graphql('mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }', {
        input: credentials(who),
      }),
    '/oauth/authorize, in the browser': (who) =>
      app.rest('/oauth/authorize?response_type=code&client_id=robot', {
        cookie: who.cookie,
        headers: { accept: 'text/html' },
      }),
  };

  /** All doors at the same time, so that each waits for the same moment. */
  async function askAll(who: SignedIn): Promise<Record<string, Timed>> {
    const all = Object.entries(refused).map(async ([door, ask]) => [door, await timed(ask(who))] as const);
    return Object.fromEntries(await Promise.all(all));
  }

  const askOften = () =>
    Promise.all(
      Array.from({ length: 100 }, () => timed(app.rest('/auth/me', { token: person.accessToken }))),
    );

  for (const door of Object.keys(refused)) {
    it(`${door}: 503 with Retry-After, at once`, () => {
      const { answer, seconds } = afterwards[door] as Timed;
      expect(answer.status, answer.text).to.equal(503);
      expect(Number(answer.headers.get('retry-after'))).to.be.within(1, 60);
      expect(answer.text).to.not.match(/mongo|ECONN|socket/i);
      expect(seconds, 'seconds until the answer').to.be.below(SECONDS_TO_FAIL);
    });

    it(`${door}: what is under way when MongoDB goes is answered, or refused with 503`, () => {
      const { answer, seconds } = whenItWent[door] as Timed;
      expect(answer.status === 503 || answer.status < 500, `${answer.status} ${answer.text}`).to.equal(true);
      expect(seconds, 'seconds until the answer').to.be.below(SECONDS_TO_FAIL);
    });
  }

  it('many requests at once fail as quickly as one', () => {
    expect(new Set(crowd.map(({ answer }) => answer.status))).to.deep.equal(new Set([503]));
    expect(Math.max(...crowd.map(({ seconds }) => seconds))).to.be.below(SECONDS_TO_FAIL);
  });

  it('tokens that were issued before still verify, and the process says what is missing', async () => {
    const claims = await app.deps.keys.verify(person.accessToken, { typ: 'at+jwt' });
    expect(claims.sub).to.equal(person.id);
    expect((await app.rest('/.well-known/jwks.json')).body.keys).to.not.be.empty;
    expect((await app.rest('/livez')).status).to.equal(200);
    const { answer, seconds } = health;
    expect(seconds, 'seconds until the answer').to.be.below(SECONDS_TO_FAIL);
    expect([answer.status, answer.body.database]).to.deep.equal([503, 'unavailable']);
  });

  it('serves again when MongoDB is back, without a restart', async () => {
    engine = await startEmbeddedEngine(folder);
    try {
      const { answer, seconds } = await timed(app.rest('/auth/me', { token: person.accessToken }));
      expect(answer.status).to.equal(200);
      expect(seconds, 'seconds until the answer').to.be.below(SECONDS_TO_FAIL);
    } finally {
      await app.app.close();
      await engine.close();
    }
  });
});

describe('a Redis that went away under a running app', () => {
  let redis: RedisServer;
  let app: TestApp;
  let person: Person & Tokens;

  before(async function () {
    if (!hasRedisServer()) skipBecause(this, 'there is no redis-server to stop');
    redis = await startRedisServer();
    app = await startApp(
      { clients: [robot], rateLimits: { enabled: true } },
      { stores: { redisUrl: redis.url } },
    );
    person = await app.signInAs();
    await redis.stop();
  });
  after(async () => {
    await app?.close();
    await redis?.close();
  });

  it('signs in, issues, refreshes, verifies and revokes, and /health tells of it', async () => {
    const { email, password, refreshToken } = person;
    const login = await app.rest('/auth/login', { body: { identifier: email, password } });
    expect(login.status, login.text).to.equal(200);
    expect(login.headers.get('ratelimit')).to.include('"signIn"');

    const refreshed = await app.rest('/auth/refresh', { body: { refreshToken } });
    expect(refreshed.status, refreshed.text).to.equal(200);
    const token: string = refreshed.body.accessToken;
    const issued = await app.rest('/oauth/token', {
      form: { grant_type: 'client_credentials' },
      basic: [robot.clientId, robot.secret],
    });
    expect(issued.status, issued.text).to.equal(200);

    const { data } = await app.graphql('{ viewer { id } }', {}, { token });
    expect(data.viewer.id).to.equal(`User:${person.id}`);
    expect((await app.rest('/auth/logout', { body: {}, token })).status).to.be.below(300);
    expect((await app.rest('/auth/me', { token })).status).to.equal(401);

    const health = await app.rest('/health');
    expect([health.status, health.body.status, health.body.redis]).to.deep.equal([
      200,
      'degraded',
      'unavailable',
    ]);
  });

  it('still counts attempts, in this process', async () => {
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const body = { identifier: 'nobody@example.com', password: 'wrong' };
      statuses.push((await app.rest('/auth/login', { body })).status);
    }
    expect(statuses).to.include(429);
  });
});
