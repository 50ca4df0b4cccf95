import { AppError } from '../../errors.js';
import type { Client } from '../../models/client.js';
import type { Deps } from '../deps.js';
import { type Granted, narrowResources, type TokenTarget, tokenTarget } from './target.js';

/** What issuing takes. */
export type IssueDeps = Pick<
  Deps,
  'audit' | 'clock' | 'config' | 'denylist' | 'keys' | 'models' | 'policy' | 'secrets'
>;

/** What a token endpoint answers (RFC 6749 §5.1). */
export interface TokenSet {
  readonly accessToken: string;
  /** Its `jti`, which an opaque token does not show. */
  readonly accessTokenId: string;
  /** DPoP: bound to the key of the proof that came with the request (RFC 9449 §5). */
  readonly tokenType: 'Bearer' | 'DPoP';
  readonly expiresInSeconds: number;
  /** Null where the client may not refresh. */
  readonly refreshToken: string | null;
  /** Null without the scope `openid`. */
  readonly idToken: string | null;
  /** Of the access token: those of the grant that its resources know. */
  readonly scopes: string[];
  /** RFC 9396 §7: what the access token stands for in detail. */
  readonly authorizationDetails: readonly Details[];
}

/** An entry of `authorization_details` (RFC 9396 §2). */
export type Details = Record<string, unknown>;

/**
 * What a token of the grant is for: of its resources those requested, with the scopes that they know.
 * @throws AppError INVALID_TARGET
 */
export function targetWithin(
  { config }: Pick<Deps, 'config'>,
  client: Client,
  grant: Granted,
  requested?: readonly string[],
): TokenTarget {
  return tokenTarget(config, client, narrowResources(config, grant, requested), grant);
}

/**
 * Of the types that the client may use now (RFC 9396 §10), whatever it could when they were granted. Those that name their
 * locations are for those, the others for whatever the token is for (§2.2).
 */
export function detailsFor(
  target: TokenTarget,
  { authorizationDetailsTypes }: Pick<Client, 'authorizationDetailsTypes'>,
  details: readonly Details[] | null | undefined,
): Details[] {
  return (details ?? []).filter(({ type, locations }) => {
    if (!authorizationDetailsTypes.includes(String(type))) return false;
    if (!Array.isArray(locations) || locations.length === 0) return true;
    return locations.some((location) => target.audience.includes(String(location)));
  });
}

/** Each scope once. @throws AppError INVALID_SCOPE for one that the client may not ask for */
export function withinCeiling(client: Client, scopes: readonly string[]): string[] {
  const wider = scopes.filter((scope) => !client.scopes.includes(scope));
  if (wider.length > 0) {
    throw new AppError('INVALID_SCOPE', `client ${client._id} may not ask for ${wider.join(' ')}`);
  }
  return [...new Set(scopes)];
}

/** @throws AppError UNAUTHORIZED_CLIENT */
export function assertMayUse(client: Client, grantType: Client['grantTypes'][number]): void {
  if (!client.grantTypes.includes(grantType)) {
    throw new AppError('UNAUTHORIZED_CLIENT', `client ${client._id} may not use ${grantType}`);
  }
}
