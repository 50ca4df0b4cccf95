import { LRUCache } from 'lru-cache';
import type { Deps } from '../identity/deps.js';
import type { Client } from '../models/client.js';
import type { Principal } from '../policies/principal.js';

/** How long a narrowed or disabled client may go on with what its tokens already say; a token lives for minutes. */
const TTL_MILLISECONDS = 5000;
const MAX_CLIENTS = 5000;

/** What the client behind a token may ask for: the ceiling of every token of it. */
export interface ClientCeilings {
  /** Undefined where no client stands between the principal and its rights. A client that is gone lets nothing through. */
  scopesOf(principal: Principal, client: Client | null): Promise<readonly string[] | undefined>;
}

/** Remembers ceilings for a few seconds, so that a request with a token costs no further query. */
export function createClientCeilings({ models, clock }: Pick<Deps, 'models' | 'clock'>): ClientCeilings {
  const known = new LRUCache<string, { scopes: readonly string[]; until: number }>({ max: MAX_CLIENTS });
  return {
    scopesOf: async ({ token }, client) => {
      if (!token) return undefined;
      if (client) return client.scopes;
      const now = clock().getTime();
      const cached = known.get(token.clientId);
      if (cached && cached.until > now) return cached.scopes;
      const stored = await models.clients.findOne({ _id: token.clientId, status: 'active' }).lean();
      const scopes = stored?.scopes ?? [];
      known.set(token.clientId, { scopes, until: now + TTL_MILLISECONDS });
      return scopes;
    },
  };
}
