import { Redis } from 'ioredis';
import { AppError } from '../errors.js';
import type { EphemeralStore } from './ephemeral.js';
import { createInProcessStore } from './inProcess.js';

const COMMAND_TIMEOUT_MILLISECONDS = 1000;
const CONNECT_TIMEOUT_MILLISECONDS = 3000;
const LONGEST_RETRY_DELAY_MILLISECONDS = 2000;
const QUIET_MILLISECONDS = 60_000;

/** Counts and starts the window in one step; a key that lost its expiry gets it back. Returns [count, ms left]. */
const INCREMENT_SCRIPT = `
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {count, left}`;

interface StoreLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/**
 * Short-lived state in Redis, shared by all replicas. A command fails within a second when Redis is gone (UNAVAILABLE),
 * it never waits for its return. Counters alone go on, per process, with a warning at most once a minute: a rate limit
 * that is too generous for a while does less harm than nobody signing in. Reconnects and subscribes again by itself.
 * @throws AppError UNAVAILABLE when Redis does not answer at the start
 */
export async function connectRedis(
  url: string,
  logger: StoreLogger,
  keyPrefix = 'fieldgate:',
): Promise<EphemeralStore> {
  const options = {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MILLISECONDS,
    connectTimeout: CONNECT_TIMEOUT_MILLISECONDS,
    retryStrategy: (attempt: number) => Math.min(attempt * 100, LONGEST_RETRY_DELAY_MILLISECONDS),
  };
  const commands = new Redis(url, options);
  const messages = new Redis(url, options);
  const localCounters = createInProcessStore();
  const handlers = new Map<string, Set<(message: string) => void>>();
  const warnSeldom = seldom((error: unknown) =>
    logger.warn({ err: error }, 'Redis does not answer: limits are counted per process until it does'),
  );
  commands.on('error', warnSeldom);
  messages.on('error', warnSeldom);
  messages.on('message', (channel: string, message: string) => {
    for (const handler of handlers.get(channel) ?? []) handler(message);
  });

  try {
    await Promise.all([commands.connect(), messages.connect()]);
  } catch (cause) {
    commands.disconnect();
    messages.disconnect();
    throw new AppError('UNAVAILABLE', 'Redis does not answer; check stores.redisUrl', { cause });
  }
  logger.info({}, 'connected to Redis');

  return {
    get: (key) => answer(commands.get(keyPrefix + key)),

    async set(key, value, ttlSeconds) {
      await answer(commands.set(keyPrefix + key, value, 'PX', milliseconds(ttlSeconds)));
    },

    async setIfAbsent(key, value, ttlSeconds) {
      return (
        (await answer(commands.set(keyPrefix + key, value, 'PX', milliseconds(ttlSeconds), 'NX'))) === 'OK'
      );
    },

    async delete(key) {
      await answer(commands.del(keyPrefix + key));
    },

    async increment(key, windowSeconds) {
      try {
        const reply = await commands.eval(INCREMENT_SCRIPT, 1, keyPrefix + key, milliseconds(windowSeconds));
        const [count, left] = reply as [number, number];
        return { count, resetInMilliseconds: left };
      } catch (error) {
        warnSeldom(error);
        return localCounters.increment(key, windowSeconds);
      }
    },

    async publish(channel, message) {
      await answer(commands.publish(keyPrefix + channel, message));
    },

    async subscribe(channel, handler) {
      const name = keyPrefix + channel;
      const listening = handlers.get(name) ?? new Set();
      handlers.set(name, listening.add(handler));
      try {
        await answer(messages.subscribe(name));
      } catch (error) {
        listening.delete(handler);
        throw error;
      }
      return async () => {
        listening.delete(handler);
        if (listening.size > 0 || messages.status !== 'ready') return;
        handlers.delete(name);
        await answer(messages.unsubscribe(name));
      };
    },

    async ping() {
      await answer(commands.ping());
    },

    async close() {
      handlers.clear();
      commands.disconnect();
      messages.disconnect();
      await localCounters.close();
    },
  };
}

async function answer<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply;
  } catch (cause) {
    throw new AppError('UNAVAILABLE', 'Redis did not answer', { cause, retryAfterSeconds: 1 });
  }
}

function milliseconds(seconds: number): number {
  return Math.max(1, Math.ceil(seconds * 1000));
}

function seldom(log: (error: unknown) => void): (error: unknown) => void {
  let quietUntil = 0;
  return (error) => {
    const now = Date.now();
    if (now < quietUntil) return;
    quietUntil = now + QUIET_MILLISECONDS;
    log(error);
  };
}
