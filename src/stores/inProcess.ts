import type { EphemeralStore } from './ephemeral.js';

interface Entry {
  value: string;
  expiresAt: number;
}

/** `size` counts what is held, expired or not: the test against leaks reads it. */
export interface InProcessStore extends EphemeralStore {
  readonly size: number;
}

/**
 * Short-lived state of one process. Whatever has expired is dropped at the next write, in the order of expiry, so that
 * memory follows what is alive without a timer and without a scan.
 */
export function createInProcessStore(clock: () => Date = () => new Date()): InProcessStore {
  const entries = new Map<string, Entry>();
  /** Keys by the second in which they expire. */
  const expiries = new Map<number, Set<string>>();
  const handlers = new Map<string, Set<(message: string) => void>>();
  let sweptUntil = secondOf(clock().getTime());

  const dropExpired = (now: number): void => {
    const due = secondOf(now);
    if (due <= sweptUntil) return;
    // After a long pause there are fewer buckets than seconds.
    const seconds = due - sweptUntil > expiries.size ? [...expiries.keys()] : range(sweptUntil, due);
    for (const second of seconds) {
      if (second >= due) continue;
      for (const key of expiries.get(second) ?? []) {
        const entry = entries.get(key);
        if (entry && entry.expiresAt <= now) entries.delete(key);
      }
      expiries.delete(second);
    }
    sweptUntil = due;
  };

  const read = (key: string, now: number): Entry | null => {
    const entry = entries.get(key);
    return entry && entry.expiresAt > now ? entry : null;
  };

  const write = (key: string, value: string, now: number, ttlSeconds: number): Entry => {
    dropExpired(now);
    const earlier = entries.get(key);
    if (earlier) expiries.get(secondOf(earlier.expiresAt))?.delete(key);
    const entry = { value, expiresAt: now + ttlSeconds * 1000 };
    entries.set(key, entry);
    const second = secondOf(entry.expiresAt);
    const bucket = expiries.get(second);
    if (bucket) bucket.add(key);
    else expiries.set(second, new Set([key]));
    return entry;
  };

  return {
    get size() {
      return entries.size;
    },

    async get(key) {
      return read(key, clock().getTime())?.value ?? null;
    },

    async set(key, value, ttlSeconds) {
      write(key, value, clock().getTime(), ttlSeconds);
    },

    async setIfAbsent(key, value, ttlSeconds) {
      const now = clock().getTime();
      if (read(key, now)) return false;
      write(key, value, now, ttlSeconds);
      return true;
    },

    async delete(key) {
      const entry = entries.get(key);
      if (!entry) return;
      entries.delete(key);
      expiries.get(secondOf(entry.expiresAt))?.delete(key);
    },

    async increment(key, windowSeconds) {
      const now = clock().getTime();
      const entry = read(key, now) ?? write(key, '0', now, windowSeconds);
      entry.value = String(Number(entry.value) + 1);
      return { count: Number(entry.value), resetInMilliseconds: entry.expiresAt - now };
    },

    async publish(channel, message) {
      // Like a real store: the publisher goes on before anybody hears, and who has left by then hears nothing.
      const listening = handlers.get(channel);
      for (const handler of listening ?? []) {
        setImmediate(() => {
          if (listening?.has(handler)) handler(message);
        });
      }
    },

    async subscribe(channel, handler) {
      const listening = handlers.get(channel) ?? new Set();
      handlers.set(channel, listening.add(handler));
      return async () => {
        listening.delete(handler);
      };
    },

    async ping() {},

    async close() {
      entries.clear();
      expiries.clear();
      handlers.clear();
    },
  };
}

function secondOf(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

function* range(from: number, to: number): Generator<number> {
  for (let each = from; each < to; each += 1) yield each;
}
