import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { consume } from '../../../src/identity/rateLimits.js';
import { authenticateRequest } from '../../../src/identity/sessions/authenticate.js';
import { revokeSession } from '../../../src/identity/sessions/sessions.js';
import { verifyAccessToken } from '../../../src/identity/tokens/accessToken.js';
import type { EphemeralStore } from '../../../src/stores/ephemeral.js';
import { connectRedis } from '../../../src/stores/redis.js';
import { createTestDeps, ORIGIN, type TestDeps } from '../../support/deps.js';
import { silentLogger } from '../../support/logger.js';
import { hasRedisServer, type RedisServer, startRedisServer } from '../../support/redisServer.js';
import { refusal } from '../../support/refusal.js';
import { skipBecause } from '../../support/skip.js';
import { refresh, signIn } from './signedIn.js';

describe('with Redis gone', () => {
  let server: RedisServer;
  let ephemeral: EphemeralStore;
  let test: TestDeps;
  let replica: TestDeps;

  before(async function () {
    if (!hasRedisServer()) skipBecause(this, 'there is no redis-server to stop');
    server = await startRedisServer();
    ephemeral = await connectRedis(server.url, silentLogger);
    test = await createTestDeps({ ephemeral });
    replica = await createTestDeps({ replicaOf: test, ephemeral });
    await server.stop();
  });
  after(async () => {
    await replica?.close();
    await test?.close();
    await ephemeral?.close();
    await server?.close();
  });

  it('people sign in, refresh and are known', async () => {
    const alice = await signIn(test, { withCookie: true });
    const next = await refresh(test, alice.client, alice.refreshToken);
    await authenticateRequest(test.deps, { bearer: next.accessToken }, ORIGIN);
    const byCookie = await authenticateRequest(test.deps, { cookie: alice.cookieValue ?? '' }, ORIGIN);
    expect(byCookie.principal.id).to.equal(alice.user._id);
  });

  it('a revocation holds here at once and on the other replicas by their poll', async () => {
    const alice = await signIn(test);
    await revokeSession(test.deps, alice.session._id, 'sign-out', { kind: 'system' }, ORIGIN);
    await refusal(verifyAccessToken(test.deps, alice.tokens.accessToken), 'INVALID_TOKEN');
    // The replica's own timer, at work: no test moves it.
    await setTimeout(1500);
    await refusal(verifyAccessToken(replica.deps, alice.tokens.accessToken), 'INVALID_TOKEN');
  });

  it('keys rotate, and the other replicas take them at the first token that they sign', async () => {
    await test.deps.keys.rotate();
    const alice = await signIn(test);
    expect((await verifyAccessToken(replica.deps, alice.tokens.accessToken)).subject).to.equal(
      alice.user._id,
    );
  });

  it('limits are counted per process, and refuse nobody for want of Redis', async () => {
    const first = await consume(test.deps, 'token', '203.0.113.7');
    const second = await consume(test.deps, 'token', '203.0.113.7');
    expect(first.exceeded || second.exceeded).to.equal(false);
    expect(second.remaining).to.equal(first.remaining - 1);
  });
});

describe('with MongoDB gone', () => {
  it('an access token still verifies, and whatever needs the database fails, soon', async () => {
    const test = await createTestDeps();
    const alice = await signIn(test);
    await test.stores.connection.close();
    const started = Date.now();
    expect((await verifyAccessToken(test.deps, alice.tokens.accessToken)).subject).to.equal(alice.user._id);
    const failure = await refresh(test, alice.client, alice.refreshToken).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Error);
    expect(Date.now() - started).to.be.below(4000);
    await test.deps.keys.close();
    await test.deps.denylist.close();
    await test.stores.close();
  });
});
