import { isAppError } from '../../errors.js';
import type { RefreshFamily } from '../../models/refreshFamily.js';
import type { Deps } from '../deps.js';
import { type AccessTokenClaims, verifyAccessToken } from './accessToken.js';
import { findRefreshFamily } from './findRefreshFamily.js';

/** Whose a token is, whoever found it. */
export type FoundToken =
  | { readonly kind: 'accessToken'; readonly claims: AccessTokenClaims }
  | { readonly kind: 'family'; readonly family: RefreshFamily };

/** What stands behind the text of a token that is good now, of whichever sort and for whichever API; else null. */
export async function findToken(
  deps: Pick<Deps, 'clock' | 'config' | 'denylist' | 'keys' | 'models' | 'secrets'>,
  token: string,
): Promise<FoundToken | null> {
  try {
    const claims = await verifyAccessToken(deps, token, { anyAudience: true, fromAnywhere: true });
    return { kind: 'accessToken', claims };
  } catch (error) {
    if (!isAppError(error, 'INVALID_TOKEN')) throw error;
  }
  const family = await findRefreshFamily(deps, token);
  return family && { kind: 'family', family };
}
