import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { isAppError } from '../../src/errors.js';
import type { EphemeralStore } from '../../src/stores/ephemeral.js';
import { connectRedis } from '../../src/stores/redis.js';
import { recordingLogger, silentLogger } from '../support/logger.js';
import { hasRedisServer, type RedisServer, startRedisServer } from '../support/redisServer.js';
import { skipBecause } from '../support/skip.js';
import { eventually, itKeepsTheEphemeralContract } from './ephemeral.contract.js';

describe('the Redis ephemeral store', () => {
  const prefix = `test:${randomUUID()}:`;
  let server: RedisServer | null = null;
  let store: EphemeralStore;
  let other: EphemeralStore;

  before(async function () {
    const given = process.env['REDIS_URL'];
    if (!given && !hasRedisServer())
      skipBecause(this, 'there is no Redis: neither REDIS_URL nor redis-server');
    if (!given) server = await startRedisServer();
    const url = given ?? server?.url ?? '';
    store = await connectRedis(url, silentLogger, prefix);
    other = await connectRedis(url, silentLogger, prefix);
  });
  after(async () => {
    await store?.close();
    await other?.close();
    await server?.close();
  });

  itKeepsTheEphemeralContract({
    store: () => store,
    otherReplica: () => other,
    pass: async (seconds) => setTimeout(seconds * 1000),
  });
});

describe('the Redis ephemeral store, when Redis goes away', () => {
  let server: RedisServer;
  let store: EphemeralStore;
  const logger = recordingLogger();

  before(async function () {
    if (!hasRedisServer()) skipBecause(this, 'there is no redis-server to stop and start');
    server = await startRedisServer();
    store = await connectRedis(server.url, logger);
  });
  after(async () => {
    await store?.close();
    await server?.close();
  });

  it('refuses at once, counts by itself, warns once, and recovers with its subscriptions', async () => {
    const heard: string[] = [];
    await store.subscribe('channel', (message) => heard.push(message));
    await server.stop();

    const started = Date.now();
    for (const attempt of [
      () => store.get('key'),
      () => store.set('key', 'value', 10),
      () => store.setIfAbsent('key', 'value', 10),
      () => store.publish('channel', 'lost'),
      () => store.ping(),
    ]) {
      expect(isAppError(await attempt().catch((error: unknown) => error), 'UNAVAILABLE')).to.equal(true);
    }
    expect((await store.increment('counter', 60)).count).to.equal(1);
    expect((await store.increment('counter', 60)).count).to.equal(2);
    expect(Date.now() - started).to.be.below(1500);
    expect(logger.lines.filter(({ level }) => level === 'warn')).to.have.lengthOf(1);

    await server.start();
    await eventuallyAnswers(store);
    await store.set('key', 'value', 10);
    expect(await store.get('key')).to.equal('value');
    await repeatUntil(
      () => store.publish('channel', 'found'),
      () => heard.includes('found'),
    );
  });

  it('does not hang on a Redis that accepts but never answers', async () => {
    await eventuallyAnswers(store);
    server.freeze();
    const started = Date.now();
    const refusal = await store.get('key').catch((error: unknown) => error);
    const counted = await store.increment('frozen', 60);
    server.thaw();
    expect(isAppError(refusal, 'UNAVAILABLE')).to.equal(true);
    expect(counted.count).to.equal(1);
    expect(Date.now() - started).to.be.below(3000);
  });

  it('refuses to start without Redis', async () => {
    await server.stop();
    const refusal = await connectRedis(server.url, silentLogger).catch((error: unknown) => error);
    expect(isAppError(refusal, 'UNAVAILABLE')).to.equal(true);
  });
});

async function eventuallyAnswers(store: EphemeralStore): Promise<void> {
  let answered = false;
  await repeatUntil(
    async () => {
      await store.ping();
      answered = true;
    },
    () => answered,
  );
}

async function repeatUntil(act: () => Promise<void>, holds: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 100 && !holds(); attempt += 1) {
    await act().catch(() => undefined);
    await setTimeout(50);
  }
  await eventually(holds);
}
