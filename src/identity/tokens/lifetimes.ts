import type { Config } from '../../config/schema.js';

const AN_HOUR_SECONDS = 3600;

/** Replicas' clocks may differ by so much, and a replica may sign for so long with a key that another one retired. */
export const CLOCK_MARGIN_SECONDS = 600;

/**
 * No access token of this installation lives longer: an hour, or what the configuration sets above it. A mark on
 * the denylist and a retired key are kept for so long, and no client may be given a longer lifetime through the API.
 */
export function longestAccessTokenTtlSeconds(
  config: Pick<Config, 'tokens' | 'clients' | 'resources'>,
): number {
  const declared = [...config.clients, ...config.resources].map((each) => each.accessTokenTtlSeconds ?? 0);
  return Math.max(AN_HOUR_SECONDS, config.tokens.accessTokenTtlSeconds, ...declared);
}
