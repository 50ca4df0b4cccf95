import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import { addressKey } from '../identity/addressKey.js';
import type { Deps } from '../identity/deps.js';
import { consume, type RateLimitName } from '../identity/rateLimits.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** False: not counted against the general limit (probes; gateways' calls, which count their refusals instead). */
    generalLimit?: boolean;
  }
}

type LimitDeps = Pick<Deps, 'config' | 'ephemeral'>;

/**
 * Counts one request against a limit and tells the caller in `RateLimit` and `RateLimit-Policy`
 * (draft-ietf-httpapi-ratelimit-headers-10 §3, §4), beside limits counted before.
 * @throws AppError RATE_LIMITED with `retryAfterSeconds`
 */
export async function enforceLimit(
  deps: LimitDeps,
  reply: FastifyReply,
  limit: RateLimitName,
  key: string,
): Promise<void> {
  if (!deps.config.rateLimits.enabled) return;
  const state = await consume(deps, limit, key);
  const { windowSeconds } = deps.config.rateLimits[limit];
  appendListItem(reply, 'ratelimit-policy', `"${limit}";q=${state.limit};w=${windowSeconds}`);
  appendListItem(reply, 'ratelimit', `"${limit}";r=${state.remaining};t=${state.resetSeconds}`);
  if (state.exceeded) {
    throw new AppError('RATE_LIMITED', `limit ${limit} exceeded`, { retryAfterSeconds: state.resetSeconds });
  }
}

/** The same, per address of the client. @throws AppError RATE_LIMITED */
export function enforceAddressLimit(
  deps: LimitDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  limit: RateLimitName,
): Promise<void> {
  return enforceLimit(deps, reply, limit, addressKey(request.ip));
}

/** The general limit: every request of an address, but for routes that opt out. */
export function addGeneralLimit(app: FastifyInstance, deps: LimitDeps): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.generalLimit === false) return;
    await enforceAddressLimit(deps, request, reply, 'general');
  });
}

function appendListItem(reply: FastifyReply, name: string, item: string): void {
  const before = reply.getHeader(name);
  reply.header(name, typeof before === 'string' ? `${before}, ${item}` : item);
}
