import { createHash } from 'node:crypto';
import { AppError } from '../../errors.js';
import type { Deps } from '../deps.js';
import { consume } from '../rateLimits.js';

type LimitDeps = Pick<Deps, 'ephemeral' | 'config'>;

/** Digests, so that no address lies about in the ephemeral store. */
const keyOf = (scope: string, target: string) =>
  `${scope}:${createHash('sha256').update(target).digest('base64url')}`;

/** Whether one more mail or message may go to this target now. Silent: the caller of a public door must not learn it. */
export async function mayWriteTo(deps: LimitDeps, target: string): Promise<boolean> {
  const { exceeded } = await consume(deps, 'message', keyOf('target', target));
  return !exceeded;
}

/**
 * The same limit on what a caller asks for, counted whether or not an account exists.
 * @throws AppError RATE_LIMITED
 */
export async function assertMayAskFor(deps: LimitDeps, purpose: string, asked: string): Promise<void> {
  const state = await consume(deps, 'message', keyOf(`asked:${purpose}`, asked));
  if (!state.exceeded) return;
  throw new AppError('RATE_LIMITED', `too many requests to write to one target (${purpose})`, {
    retryAfterSeconds: state.resetSeconds,
  });
}
