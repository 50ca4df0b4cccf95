import { expect } from 'chai';
import { probeMongo, probeRedis } from '../../src/stores/probe.js';
import { freePort } from '../support/freePort.js';
import { hasRedisServer, startRedisServer } from '../support/redisServer.js';
import { refusal } from '../support/refusal.js';
import { skipBecause } from '../support/skip.js';
import { openTestStores } from '../support/stores.js';

describe('a probe of a store', () => {
  it('measures how quickly MongoDB answers, and by which clock', async () => {
    const stores = await openTestStores();
    const { latencyMilliseconds, skewMilliseconds } = await probeMongo(stores.connection);
    expect(latencyMilliseconds).to.be.within(0, 3000);
    expect(Math.abs(skewMilliseconds)).to.be.below(1000);
    await stores.close();
  });

  it('measures the same of Redis', async function () {
    if (!hasRedisServer()) skipBecause(this, 'there is no redis-server');
    const redis = await startRedisServer();
    const { latencyMilliseconds, skewMilliseconds } = await probeRedis(redis.url);
    expect(latencyMilliseconds).to.be.within(0, 3000);
    expect(Math.abs(skewMilliseconds)).to.be.below(1000);
    await redis.close();
  });

  it('says so when Redis does not answer', async () => {
    await refusal(probeRedis(`redis://127.0.0.1:${await freePort()}`), 'UNAVAILABLE');
  });
});
