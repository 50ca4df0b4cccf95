import { Redis } from 'ioredis';
import type { EphemeralStore } from '../../src/stores/ephemeral.js';
import { connectRedis } from '../../src/stores/redis.js';
import type { MovableClock } from './clock.js';
import { silentLogger } from './logger.js';

/** Takes milliseconds off the life of every key that a pattern matches; whose life ends so is gone at once. */
const AGE_SCRIPT = `
local cursor = '0'
repeat
  local page = redis.call('SCAN', cursor, 'MATCH', ARGV[1], 'COUNT', 1000)
  cursor = page[1]
  for _, key in ipairs(page[2]) do
    redis.call('PEXPIRE', key, redis.call('PTTL', key) - tonumber(ARGV[2]))
  end
until cursor == '0'`;

/** How far the keys of a clock have aged with it: once, however many replicas share it. */
const ages = new WeakMap<MovableClock, { seconds: number; done: Promise<unknown> }>();

/** A real Redis whose keys age with the test's clock: what the clock was moved by counts before the next command. */
export async function connectMovedRedis(
  url: string,
  clock: MovableClock,
  keyPrefix: string,
): Promise<EphemeralStore> {
  const store = await connectRedis(url, silentLogger, keyPrefix);
  const commands = new Redis(url);
  // A test that stops its Redis: the store speaks of it.
  commands.on('error', () => undefined);
  if (!ages.has(clock)) ages.set(clock, { seconds: clock.advanced(), done: Promise.resolve() });

  function age(): Promise<unknown> {
    const known = ages.get(clock) ?? { seconds: 0, done: Promise.resolve() };
    const seconds = clock.advanced();
    const step = seconds - known.seconds;
    if (step <= 0) return known.done;
    const done = known.done.then(() =>
      commands.eval(AGE_SCRIPT, 0, `${keyPrefix}*`, Math.round(step * 1000)),
    );
    ages.set(clock, { seconds, done });
    return done;
  }
  return {
    ...store,
    get: async (key) => {
      await age();
      return store.get(key);
    },
    set: async (key, value, ttlSeconds) => {
      await age();
      await store.set(key, value, ttlSeconds);
    },
    setIfAbsent: async (key, value, ttlSeconds) => {
      await age();
      return store.setIfAbsent(key, value, ttlSeconds);
    },
    increment: async (key, windowSeconds) => {
      await age();
      return store.increment(key, windowSeconds);
    },
    async close() {
      commands.disconnect();
      await store.close();
    },
  };
}
