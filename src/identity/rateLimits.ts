import { hash } from 'node:crypto';
import type { Config } from '../config/schema.js';
import type { Deps } from './deps.js';

export type RateLimitName = Exclude<keyof Config['rateLimits'], 'enabled'>;

/** What the RateLimit headers tell: the quota of the window, what is left of it, and when it starts anew. */
export interface RateLimitState {
  readonly limit: number;
  readonly remaining: number;
  readonly resetSeconds: number;
  readonly exceeded: boolean;
}

/**
 * Counts one request of `key` (an address, an account) against a configured limit. It never throws for a Redis that is
 * gone: the store counts per process then. Keys are stored as digests: they may be e-mail addresses, of any length.
 */
export async function consume(
  deps: Pick<Deps, 'config' | 'ephemeral'>,
  name: RateLimitName,
  key: string,
): Promise<RateLimitState> {
  const { max, windowSeconds } = deps.config.rateLimits[name];
  if (!deps.config.rateLimits.enabled) {
    return { limit: max, remaining: max, resetSeconds: windowSeconds, exceeded: false };
  }
  const digest = hash('sha256', key, 'base64url');
  const { count, resetInMilliseconds } = await deps.ephemeral.increment(
    `rate:${name}:${digest}`,
    windowSeconds,
  );
  return {
    limit: max,
    remaining: Math.max(0, max - count),
    resetSeconds: Math.max(1, Math.ceil(resetInMilliseconds / 1000)),
    exceeded: count > max,
  };
}
