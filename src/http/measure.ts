import { isAppError } from '../errors.js';
import type { Deps } from '../identity/deps.js';

/** Runs a request for tokens and counts it with its outcome and duration. `grantType` is asked when it has ended. */
export async function measureTokenRequest<T>(
  deps: Pick<Deps, 'metrics'>,
  grantType: () => string,
  run: () => Promise<T>,
): Promise<T> {
  const startedAt = performance.now();
  let outcome: 'success' | 'refused' | 'error' = 'success';
  try {
    return await run();
  } catch (error) {
    outcome = isAppError(error) && error.code !== 'INTERNAL' ? 'refused' : 'error';
    throw error;
  } finally {
    deps.metrics.tokenRequest(grantType(), outcome, (performance.now() - startedAt) / 1000);
  }
}
