import { isAppError } from '../../errors.js';
import type { Deps } from '../deps.js';

type MemoryDeps = Pick<Deps, 'ephemeral'>;

/**
 * What helps to judge a sign-in, and is not relied on: while the ephemeral store does not answer, nothing is known and
 * people still sign in.
 */
export function recall({ ephemeral }: MemoryDeps, key: string): Promise<string | null> {
  return unlessGone(ephemeral.get(key), null);
}

/** Lost while the store does not answer. */
export function remember(
  { ephemeral }: MemoryDeps,
  key: string,
  value: string,
  ttlSeconds: number,
): Promise<void> {
  return unlessGone(ephemeral.set(key, value, ttlSeconds), undefined);
}

/** True for the first who asks in so many seconds; for nobody while the store does not answer. */
export function isFirst({ ephemeral }: MemoryDeps, key: string, ttlSeconds: number): Promise<boolean> {
  return unlessGone(ephemeral.setIfAbsent(key, '1', ttlSeconds), false);
}

async function unlessGone<T>(reply: Promise<T>, without: T): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    if (isAppError(error, 'UNAVAILABLE')) return without;
    throw error;
  }
}
