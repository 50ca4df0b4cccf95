import { hash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';

const MAX_TOKENS = 10_000;
const MAX_AGE_MILLISECONDS = 60_000;

/** Remembers for a minute that a signature holds, so that a busy token is not verified at every request. */
export interface VerifiedTokens {
  get(token: string, purpose: string, now: Date): JWTPayload | null;
  add(token: string, purpose: string, payload: JWTPayload, now: Date): void;
  clear(): void;
}

/**
 * Tokens are kept as digests: a memory dump shows none. An entry ends with the token's `exp` at the latest. What may
 * change before then (the denylist) is never answered from here.
 */
export function createVerifiedTokens(): VerifiedTokens {
  const entries = new LRUCache<string, { payload: JWTPayload; untilMilliseconds: number }>({
    max: MAX_TOKENS,
  });
  const keyOf = (token: string, purpose: string) => `${purpose} ${hash('sha256', token, 'base64url')}`;

  return {
    get(token, purpose, now) {
      const entry = entries.get(keyOf(token, purpose));
      return entry && now.getTime() < entry.untilMilliseconds ? entry.payload : null;
    },
    add(token, purpose, payload, now) {
      const untilMilliseconds = Math.min(now.getTime() + MAX_AGE_MILLISECONDS, (payload.exp ?? 0) * 1000);
      entries.set(keyOf(token, purpose), { payload, untilMilliseconds });
    },
    clear() {
      entries.clear();
    },
  };
}
