import { AppError } from '../../errors.js';
import type { Client } from '../../models/client.js';
import type { RefreshFamily } from '../../models/refreshFamily.js';
import type { Session } from '../../models/session.js';
import type { User } from '../../models/user.js';
import type { ClaimsRequest } from '../authorization/claimsRequest.js';
import type { Deps } from '../deps.js';
import { noteSessionClient } from '../logout/sessionClients.js';
import type { AuditEntry, RequestOrigin } from '../ports.js';
import { actedByOf } from '../sessions/actor.js';
import { reachesDemanded } from '../signIn/demandedAcr.js';
import type { Actor, Confirmation } from './accessToken.js';
import { asSignedIn } from './grantedSignIn.js';
import { issueIdToken } from './idToken.js';
import { issueAccessToken } from './issueAccessToken.js';
import {
  type RefreshDeps,
  type RotatedToken,
  rotateRefreshToken,
  startRefreshFamily,
} from './refreshToken.js';
import type { TokenSource } from './revoked.js';
import { familyKeyOf, tokenTypeOf } from './senderKey.js';
import { subjectFor } from './subject.js';
import { knownResources, type TokenTarget } from './target.js';
import {
  assertMayUse,
  type Details,
  detailsFor,
  type IssueDeps,
  type TokenSet,
  targetWithin,
  withinCeiling,
} from './tokenGrant.js';
import { demandsWithin } from './userClaims.js';

export interface UserTokenRequest {
  readonly user: User;
  readonly session: Session;
  readonly client: Client;
  readonly scopes: readonly string[];
  /** RFC 8707: what the grant is for; absent or empty: Fieldgate's own API. */
  readonly resources?: readonly string[];
  /** Those of them that this access token is for; absent or empty: all. */
  readonly requestedResources?: readonly string[];
  /** RFC 9396, as granted. */
  readonly authorizationDetails?: readonly Details[] | null;
  /** OpenID Connect Core §5.5, and what the person left out of it and of what the scopes stand for. */
  readonly claims?: ClaimsRequest | null;
  readonly refusedClaims?: readonly string[];
  /** RFC 8693 §4.1: who acts for the user. */
  readonly actor?: Actor;
  /** What ends the access token, beside what ends any token of the grant. */
  readonly exchangedFrom?: readonly TokenSource[];
  /** What the request proved to have: the tokens are bound to it. */
  readonly sender?: Confirmation | null;
  readonly nonce?: string;
  /** False: none, although the client may refresh. */
  readonly withRefreshToken?: boolean;
  /** False: none, although `openid` is among the scopes. */
  readonly withIdToken?: boolean;
  /** The access token lives no longer, whatever client and resources say. */
  readonly maxTtlSeconds?: number;
  /** In place of the client's own. */
  readonly allowedNetworks?: readonly string[];
  /** Of `denylist.issuanceTimeMilliseconds`, taken before the checks that authorise; absent: now. */
  readonly issuedAtMilliseconds?: number;
}

/**
 * Issues a user's tokens to a client for a session that has just been opened or was checked just now: an access token,
 * an ID token where `openid` is asked for, and the first token of a refresh family where the client may refresh.
 * @throws AppError INVALID_SCOPE for a scope that the client may not ask for, INVALID_TARGET for a resource, INVALID_GRANT
 * for a session below the level that is demanded of the user or for the client
 */
export async function issueUserTokens(deps: IssueDeps, request: UserTokenRequest): Promise<TokenSet> {
  const { user, session, client, authorizationDetails, claims, refusedClaims } = request;
  if (!reachesDemanded(deps, user, session, client._id)) {
    throw new AppError('INVALID_GRANT', `session ${session._id} is too weak for client ${client._id}`, {
      publicMessage: 'a stronger sign-in is needed for this client',
    });
  }
  const grant = {
    scopes: withinCeiling(client, request.scopes),
    resources: knownResources(deps.config, request.resources ?? []),
  };
  const target = targetWithin(deps, client, grant, request.requestedResources);
  const issuedAtMilliseconds =
    request.issuedAtMilliseconds ??
    deps.denylist.issuanceTimeMilliseconds({
      sid: session._id,
      sub: request.user._id,
      clientId: client._id,
    });
  await noteSessionClient(deps, client, session);
  const mayRefresh = client.grantTypes.includes('refresh_token') && request.withRefreshToken !== false;
  const refreshToken = mayRefresh
    ? await startRefreshFamily(deps, {
        session,
        clientId: client._id,
        ...grant,
        authorizationDetails: authorizationDetails ?? null,
        claims: claims ?? null,
        refusedClaims: refusedClaims ?? [],
        senderKey: familyKeyOf(client, request.sender),
        ttlSeconds: client.refreshTokenTtlSeconds ?? null,
      })
    : null;
  const tokens = await signUserTokens(deps, { ...request, ...grant, target, issuedAtMilliseconds });
  noteIssue(deps, 'token.issue', request.user, session, client, {
    actedBy: actedByOf(deps, request.actor),
  });
  return { ...tokens, refreshToken };
}

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
  const targetOf = (family: RefreshFamily, scopes: readonly string[]): TokenTarget => {
    const held = scopes.filter((scope) => client.scopes.includes(scope));
    return targetWithin(deps, client, { resources: family.resources ?? [], scopes: held }, request.resources);
  };
  const rotated = await rotateRefreshToken(
    deps,
    {
      token: request.refreshToken,
      clientId: client._id,
      scopes: request.scopes ?? [],
      senderKey: familyKeyOf(client, request.sender),
      validAfter: client.tokensValidAfter ?? null,
      accept: (family, scopes) => void targetOf(family, scopes),
    },
    origin,
  );
  const { user, session, family, refreshToken } = rotated;
  const tokens = await signUserTokens(deps, {
    user,
    session: asSignedIn(session, family),
    client,
    scopes: rotated.scopes.filter((scope) => client.scopes.includes(scope)),
    target: targetOf(family, rotated.scopes),
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

async function signUserTokens(
  deps: IssueDeps,
  request: UserTokenRequest & { target: TokenTarget; issuedAtMilliseconds: number },
): Promise<Omit<TokenSet, 'refreshToken'>> {
  const { user, session, client, scopes, target, claims, refusedClaims } = request;
  const details = detailsFor(target, request.authorizationDetails);
  const {
    token: accessToken,
    expiresInSeconds,
    jti,
  } = await issueAccessToken(deps, {
    subject: user._id,
    shownSubject: subjectFor(deps, client, user._id),
    clientId: client._id,
    ...target,
    ttlSeconds: Math.min(target.ttlSeconds, request.maxTtlSeconds ?? target.ttlSeconds),
    form: target,
    sessionId: session._id,
    authTime: Math.floor(session.authenticatedAt.getTime() / 1000),
    acr: session.acr,
    amr: session.amr,
    issuedAtMilliseconds: request.issuedAtMilliseconds,
    authorizationDetails: details,
    allowedNetworks: request.allowedNetworks ?? client.allowedNetworks ?? [],
    ...(request.sender && { confirmation: request.sender }),
    ...(request.actor && { actor: request.actor }),
    ...(request.exchangedFrom && { exchangedFrom: request.exchangedFrom }),
    // Userinfo alone reads them, and it takes no token without `openid`.
    ...(target.scopes.includes('openid') && {
      userinfo: {
        claims: demandsWithin(claims?.userinfo, client.scopes),
        refused: refusedClaims ?? [],
        ...(client.userinfoSignedResponseAlg && { alg: client.userinfoSignedResponseAlg }),
      },
    }),
  });
  const wantsIdToken = scopes.includes('openid') && request.withIdToken !== false;
  const idToken = wantsIdToken
    ? await issueIdToken(deps, {
        user,
        session,
        client,
        scopes,
        demands: demandsWithin(claims?.id_token, client.scopes),
        refusedClaims: refusedClaims ?? [],
        accessToken,
        ttlSeconds: expiresInSeconds,
        ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
      })
    : null;
  return {
    accessToken,
    accessTokenId: jti,
    tokenType: tokenTypeOf(request.sender),
    expiresInSeconds,
    idToken,
    scopes: target.scopes,
    authorizationDetails: details,
  };
}

function noteIssue(
  deps: Pick<Deps, 'audit'>,
  action: 'token.issue' | 'token.refresh',
  user: User,
  session: Session,
  client: Client,
  more: Pick<AuditEntry, 'origin' | 'actedBy'>,
): void {
  deps.audit.recordSoon({
    action,
    outcome: 'success',
    actor: { kind: 'user', id: user._id, clientId: client._id, sessionId: session._id },
    objectType: 'Session',
    objectId: session._id,
    ...more,
  });
}
