import { expect } from 'chai';
import { consume } from '../../src/identity/rateLimits.js';
import { createInProcessStore } from '../../src/stores/inProcess.js';
import { createMovableClock } from '../support/clock.js';
import { testConfig } from '../support/deps.js';

describe('a rate limit', () => {
  const clock = createMovableClock();
  const config = testConfig({ rateLimits: { token: { max: 3, windowSeconds: 60 } } });

  it('lets its number through in a window, and tells what is left', async () => {
    const deps = { config, ephemeral: createInProcessStore(clock) };
    const states = [];
    for (let attempt = 0; attempt < 5; attempt += 1) states.push(await consume(deps, 'token', '203.0.113.7'));
    expect(states.map(({ remaining }) => remaining)).to.deep.equal([2, 1, 0, 0, 0]);
    expect(states.map(({ exceeded }) => exceeded)).to.deep.equal([false, false, false, true, true]);
    for (const { limit, resetSeconds } of states) {
      expect(limit).to.equal(3);
      expect(resetSeconds).to.be.within(1, 60);
    }
    clock.advance(61);
    expect(await consume(deps, 'token', '203.0.113.7')).to.include({ remaining: 2, exceeded: false });
  });

  it('counts each key and each limit by itself', async () => {
    const deps = { config, ephemeral: createInProcessStore(clock) };
    for (let attempt = 0; attempt < 4; attempt += 1) await consume(deps, 'token', 'one');
    expect((await consume(deps, 'token', 'two')).exceeded).to.equal(false);
    expect((await consume(deps, 'signIn', 'one')).exceeded).to.equal(false);
    expect((await consume(deps, 'token', 'one')).exceeded).to.equal(true);
  });

  it('lets no more through when many ask at once', async () => {
    const deps = { config, ephemeral: createInProcessStore(clock) };
    const states = await Promise.all(Array.from({ length: 50 }, () => consume(deps, 'token', 'one')));
    expect(states.filter(({ exceeded }) => !exceeded)).to.have.lengthOf(3);
  });

  it('stores no address and no account, and no key of any length', async () => {
    const keys: string[] = [];
    const ephemeral = createInProcessStore(clock);
    const increment = (key: string, windowSeconds: number) => {
      keys.push(key);
      return ephemeral.increment(key, windowSeconds);
    };
    await consume({ config, ephemeral: { ...ephemeral, increment } }, 'account', 'alice@example.com');
    await consume({ config, ephemeral: { ...ephemeral, increment } }, 'account', 'x'.repeat(1_000_000));
    for (const key of keys) {
      expect(key).to.match(/^rate:account:[A-Za-z0-9_-]{43}$/);
    }
  });

  it('counts nothing where limits are switched off', async () => {
    const deps = {
      config: testConfig({ rateLimits: { enabled: false, token: { max: 1 } } }),
      ephemeral: createInProcessStore(clock),
    };
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect((await consume(deps, 'token', 'one')).exceeded).to.equal(false);
    }
    expect(deps.ephemeral.size).to.equal(0);
  });
});
