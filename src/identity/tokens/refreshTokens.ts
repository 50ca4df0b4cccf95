import type { Client } from '../../models/client.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import type { Confirmation } from './accessToken.js';
import { asSignedIn } from './grantedSignIn.js';
import { type RefreshDeps, type RotatedToken, rotateRefreshToken } from './rotateRefreshToken.js';
import { familyKeyOf } from './senderKey.js';
import { assertMayUse, type IssueDeps, type TokenSet, targetWithin } from './tokenGrant.js';
import { noteIssue, signUserTokens } from './userTokens.js';

/**
 * Exchanges a refresh token for a new set. Scopes that the client has lost since are left out. Scopes and resources
 * that are asked for narrow the access token, not the family; what is refused costs the refresh token nothing.
 * @throws AppError INVALID_GRANT, INVALID_SCOPE, INVALID_TARGET, UNAUTHORIZED_CLIENT
 */
export async function refreshTokens(
  deps: IssueDeps & RefreshDeps,
  request: {
    refreshToken: string;
    client: Client;
    scopes?: readonly string[];
    resources?: readonly string[];
    sender?: Confirmation | null;
  },
  origin: RequestOrigin,
): Promise<TokenSet> {
  const { client } = request;
  assertMayUse(client, 'refresh_token');
  const held = (scopes: readonly string[]) => scopes.filter((scope) => client.scopes.includes(scope));
  const rotated = await rotateRefreshToken(
    deps,
    {
      token: request.refreshToken,
      clientId: client._id,
      scopes: request.scopes ?? [],
      senderKey: familyKeyOf(client, request.sender),
      validAfter: client.tokensValidAfter ?? null,
      targetOf: ({ resources }, scopes) =>
        targetWithin(deps, client, { resources, scopes: held(scopes) }, request.resources),
    },
    origin,
  );
  const { user, session, family, refreshToken } = rotated;
  const tokens = await signUserTokens(deps, {
    user,
    session: asSignedIn(session, family),
    client,
    scopes: held(rotated.scopes),
    target: rotated.target,
    authorizationDetails: family.authorizationDetails ?? null,
    claims: family.claims ?? null,
    refusedClaims: family.refusedClaims ?? [],
    sender: request.sender ?? null,
    issuedAtMilliseconds: client.refreshRevokesAccessTokens
      ? await endEarlierTokens(deps, rotated)
      : rotated.issuedAtMilliseconds,
  });
  noteIssue(deps, 'token.refresh', user, session, client, { origin });
  return { ...tokens, refreshToken };
}

/**
 * Ends the access tokens from before this rotation and answers the time to issue at now. Everybody who gets the same
 * successor sets the same mark, so the winner and the losers of a race leave each other's tokens alone.
 */
async function endEarlierTokens(
  deps: Pick<Deps, 'denylist'>,
  { family, issuedAtMilliseconds }: RotatedToken,
): Promise<number> {
  const rotatedAt = family.rotatedAt.getTime();
  const { sessionId, clientId, userId: sub } = family;
  // A token of the very millisecond of the rotation is a new one.
  await deps.denylist.deny('sid', `${sessionId}:${clientId}`, new Date(rotatedAt - 1));
  // What was revoked since the checks must refuse this token too. A revoked session or family has no rotation.
  const issuedAtSeconds = issuedAtMilliseconds / 1000;
  if (deps.denylist.isDenied({ jti: '', sub, clientId, issuedAtSeconds })) return issuedAtMilliseconds;
  return Math.max(issuedAtMilliseconds, rotatedAt);
}
