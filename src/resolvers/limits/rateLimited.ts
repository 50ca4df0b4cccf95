import { getGraphQLRateLimiter, type Identity, Store } from 'graphql-rate-limit';
import { type NextFn, type ResolverData, UseMiddleware } from 'type-graphql';
import { AppError } from '../../errors.js';
import { addressKey } from '../../identity/addressKey.js';
import type { Deps } from '../../identity/deps.js';
import { consume, type RateLimitName } from '../../identity/rateLimits.js';
import type { GraphQLContext } from '../context.js';

/**
 * The library reads a list of call times, then writes it back: two calls at once would both pass. So the read counts,
 * in one atomic step of the ephemeral store, under the same key as the REST doors; the write has nothing left to do.
 */
class CountingStore extends Store {
  resetSeconds = 0;

  constructor(
    private readonly deps: Pick<Deps, 'config' | 'ephemeral'>,
    private readonly limit: RateLimitName,
  ) {
    super();
  }

  async getForIdentity({ contextIdentity }: Identity): Promise<readonly number[]> {
    const state = await consume(this.deps, this.limit, contextIdentity);
    this.resetSeconds = state.resetSeconds;
    const callsBefore = state.exceeded ? state.limit : state.limit - state.remaining - 1;
    return Array.from({ length: callsBefore }, () => Date.now());
  }

  setForIdentity(): void {}
}

/**
 * Counts each execution of the field (each alias too) against a limit per address, shared with the other doors.
 * @throws AppError RATE_LIMITED with `retryAfterSeconds`
 */
export function RateLimited(limit: RateLimitName): MethodDecorator {
  return UseMiddleware(async ({ root, args, context, info }: ResolverData<GraphQLContext>, next: NextFn) => {
    const { deps, origin } = context;
    if (!deps.config.rateLimits.enabled) return (await next()) as unknown;
    const { max, windowSeconds } = deps.config.rateLimits[limit];
    const store = new CountingStore(deps, limit);
    const refusal = await getGraphQLRateLimiter({ identifyContext: () => addressKey(origin.address), store })(
      { parent: root, args, context, info },
      { max, window: `${windowSeconds}s` },
    );
    if (refusal !== undefined) {
      throw new AppError('RATE_LIMITED', `limit ${limit} exceeded`, {
        retryAfterSeconds: store.resetSeconds,
      });
    }
    return (await next()) as unknown;
  });
}
