import type { Client } from '../../models/client.js';
import type { Session } from '../../models/session.js';
import type { User } from '../../models/user.js';
import type { ClaimsRequest } from '../authorization/claimsRequest.js';
import type { Deps } from '../deps.js';
import type { AuditEntry } from '../ports.js';
import type { Actor, Confirmation } from './accessToken.js';
import { issueIdToken } from './idToken.js';
import { issueAccessToken } from './issueAccessToken.js';
import type { TokenSource } from './revoked.js';
import { tokenTypeOf } from './senderKey.js';
import { subjectFor } from './subject.js';
import type { TokenTarget } from './target.js';
import { type Details, detailsFor, type IssueDeps, type TokenSet } from './tokenGrant.js';
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

/** Makes the access token and, where `openid` is among the scopes, the ID token; decides nothing. */
export async function signUserTokens(
  deps: IssueDeps,
  request: UserTokenRequest & { target: TokenTarget; issuedAtMilliseconds: number },
): Promise<Omit<TokenSet, 'refreshToken'>> {
  const { user, session, client, scopes, target, claims, refusedClaims } = request;
  const details = detailsFor(target, client, request.authorizationDetails);
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

/** Grouped with its like. */
export function noteIssue(
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
