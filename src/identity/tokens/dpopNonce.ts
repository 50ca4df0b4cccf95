import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Deps } from '../deps.js';

type NonceDeps = Pick<Deps, 'clock' | 'config' | 'secrets'>;

const PURPOSE = 'dpop-nonce';

/**
 * The nonce of the moment (RFC 9449 §8): an HMAC of the time's window under a key of the installation, so that every
 * replica knows it and none stores it. It is good for `dpop.nonceTtlSeconds` at most, for half of them at least.
 */
export function currentDpopNonce(deps: NonceDeps): string {
  return nonceOf(deps, windowNow(deps));
}

/** Whether the nonce is of this window or of a neighbour: the one before it, or of a replica whose clock is ahead. */
export function isLivingDpopNonce(deps: NonceDeps, nonce: string): boolean {
  const now = windowNow(deps);
  const given = Buffer.from(nonce);
  return [now, now - 1, now + 1].some((window) => {
    const expected = Buffer.from(nonceOf(deps, window));
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

/** The longest time in which one nonce is taken. */
export function dpopNonceLifeSeconds(deps: NonceDeps): number {
  return 3 * windowSeconds(deps);
}

function nonceOf({ secrets }: NonceDeps, window: number): string {
  return createHmac('sha256', secrets.derive(PURPOSE)).update(String(window)).digest('base64url');
}

function windowNow(deps: NonceDeps): number {
  return Math.floor(deps.clock().getTime() / 1000 / windowSeconds(deps));
}

function windowSeconds({ config }: NonceDeps): number {
  return Math.ceil(config.dpop.nonceTtlSeconds / 2);
}
