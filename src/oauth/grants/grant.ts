import type { Deps } from '../../identity/deps.js';
import type { RequestOrigin } from '../../identity/ports.js';
import type { RateLimitName } from '../../identity/rateLimits.js';
import type { Confirmation } from '../../identity/tokens/accessToken.js';
import type { TokenSet } from '../../identity/tokens/tokenGrant.js';
import type { Client, GrantType } from '../../models/client.js';
import type { Parameters } from '../parameters.js';

/** What a grant gets: the client is authenticated and may use the grant type. */
export interface GrantRequest {
  readonly deps: Deps;
  readonly client: Client;
  readonly parameters: Parameters;
  readonly origin: RequestOrigin;
  /** What the request proved to have (RFC 9449 §5, RFC 8705 §3): the tokens are bound to it. */
  readonly sender: Confirmation | null;
}

/** What a grant gives. */
export interface GrantAnswer extends TokenSet {
  /** RFC 8693 §2.2.1 */
  readonly issuedTokenType?: string;
}

/** One grant type: checks what it alone knows of the request, then has the tokens issued. */
export interface Grant {
  readonly type: GrantType;
  /** What its requests are counted against, per address; absent: `token`. */
  readonly limit?: RateLimitName;
  /** @throws AppError INVALID_REQUEST, INVALID_GRANT, INVALID_SCOPE, UNAUTHORIZED_CLIENT and what the use cases throw */
  exchange(request: GrantRequest): Promise<GrantAnswer>;
}
