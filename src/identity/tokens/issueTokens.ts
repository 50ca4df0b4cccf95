import { AppError } from '../../errors.js';
import type { Client } from '../../models/client.js';
import type { Session } from '../../models/session.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { defaultAudience, issueAccessToken } from './accessToken.js';
import { issueIdToken } from './idToken.js';
import { type RefreshDeps, rotateRefreshToken, startRefreshFamily } from './refreshToken.js';

type IssueDeps = Pick<Deps, 'audit' | 'clock' | 'config' | 'denylist' | 'keys' | 'models' | 'secrets'>;

/** What a token endpoint answers (RFC 6749 §5.1). */
export interface TokenSet {
  readonly accessToken: string;
  readonly tokenType: 'Bearer';
  readonly expiresInSeconds: number;
  /** Null where the client may not refresh. */
  readonly refreshToken: string | null;
  /** Null without the scope `openid`. */
  readonly idToken: string | null;
  readonly scopes: string[];
}

export interface UserTokenRequest {
  readonly user: User;
  readonly session: Session;
  readonly client: Client;
  readonly scopes: readonly string[];
  /** RFC 8707; absent or empty: Fieldgate's own API. */
  readonly resources?: readonly string[];
  readonly senderKey?: string | null;
  readonly nonce?: string;
  /** False: none, although the client may refresh. */
  readonly withRefreshToken?: boolean;
  /** Of `denylist.issuanceTimeMilliseconds`, taken before the checks that authorise; absent: now. */
  readonly issuedAtMilliseconds?: number;
}

/**
 * Issues a user's tokens to a client for a session that has just been opened or was checked just now: an access token,
 * an ID token where `openid` is asked for, and the first token of a refresh family where the client may refresh.
 * @throws AppError INVALID_SCOPE for a scope that the client may not ask for
 */
export async function issueUserTokens(deps: IssueDeps, request: UserTokenRequest): Promise<TokenSet> {
  const { session, client, resources } = request;
  const scopes = withinCeiling(client, request.scopes);
  const issuedAtMilliseconds =
    request.issuedAtMilliseconds ??
    deps.denylist.issuanceTimeMilliseconds({
      sid: session._id,
      sub: request.user._id,
      clientId: client._id,
    });
  const mayRefresh = client.grantTypes.includes('refresh_token') && request.withRefreshToken !== false;
  const refreshToken = mayRefresh
    ? await startRefreshFamily(deps, {
        session,
        clientId: client._id,
        scopes,
        resources: resources ?? [],
        senderKey: request.senderKey ?? null,
        ttlSeconds: client.refreshTokenTtlSeconds ?? null,
      })
    : null;
  const tokens = await signUserTokens(deps, { ...request, scopes, issuedAtMilliseconds });
  noteIssue(deps, 'token.issue', request.user, session, client);
  return { ...tokens, refreshToken, scopes };
}

/**
 * Exchanges a refresh token for a new set. Scopes that the client has lost since are left out.
 * @throws AppError INVALID_GRANT, INVALID_SCOPE, UNAUTHORIZED_CLIENT
 */
export async function refreshTokens(
  deps: IssueDeps & RefreshDeps,
  request: {
    refreshToken: string;
    client: Client;
    scopes?: readonly string[];
    senderKey?: string | null;
  },
  origin: RequestOrigin,
): Promise<TokenSet> {
  const { client } = request;
  assertMayUse(client, 'refresh_token');
  const rotated = await rotateRefreshToken(
    deps,
    {
      token: request.refreshToken,
      clientId: client._id,
      scopes: request.scopes ?? [],
      senderKey: request.senderKey ?? null,
      validAfter: client.tokensValidAfter ?? null,
    },
    origin,
  );
  const { user, session, family, refreshToken, issuedAtMilliseconds } = rotated;
  const scopes = rotated.scopes.filter((scope) => client.scopes.includes(scope));
  const tokens = await signUserTokens(deps, {
    user,
    session,
    client,
    scopes,
    resources: family.resources,
    issuedAtMilliseconds,
  });
  noteIssue(deps, 'token.refresh', user, session, client, origin);
  return { ...tokens, refreshToken, scopes };
}

/**
 * Issues a client a token of its own (RFC 6749 §4.4): no user, no session, no refresh token.
 * @throws AppError UNAUTHORIZED_CLIENT, INVALID_SCOPE
 */
export async function issueClientTokens(
  deps: IssueDeps,
  request: { client: Client; scopes: readonly string[]; resources?: readonly string[] },
): Promise<TokenSet> {
  const { client } = request;
  assertMayUse(client, 'client_credentials');
  const scopes = withinCeiling(client, request.scopes);
  const audience = audienceOf(deps, request.resources);
  const { token, expiresInSeconds } = await issueAccessToken(deps, {
    subject: client._id,
    clientId: client._id,
    scopes,
    audience,
    ttlSeconds: lifetimeSeconds(deps, client, audience),
  });
  deps.audit.recordSoon({
    action: 'token.issue',
    outcome: 'success',
    actor: { kind: 'client', id: client._id, clientId: client._id },
    objectType: 'Client',
    objectId: client._id,
  });
  return {
    accessToken: token,
    tokenType: 'Bearer',
    expiresInSeconds,
    refreshToken: null,
    idToken: null,
    scopes,
  };
}

async function signUserTokens(
  deps: IssueDeps,
  request: UserTokenRequest & { issuedAtMilliseconds: number },
): Promise<Omit<TokenSet, 'refreshToken' | 'scopes'>> {
  const { user, session, client, scopes } = request;
  const audience = audienceOf(deps, request.resources);
  const { token: accessToken, expiresInSeconds } = await issueAccessToken(deps, {
    subject: user._id,
    clientId: client._id,
    scopes,
    audience,
    sessionId: session._id,
    authTime: Math.floor(session.authenticatedAt.getTime() / 1000),
    acr: session.acr,
    amr: session.amr,
    ttlSeconds: lifetimeSeconds(deps, client, audience),
    issuedAtMilliseconds: request.issuedAtMilliseconds,
  });
  const idToken = scopes.includes('openid')
    ? await issueIdToken(deps, {
        user,
        session,
        clientId: client._id,
        scopes,
        accessToken,
        ttlSeconds: expiresInSeconds,
        ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
      })
    : null;
  return { accessToken, tokenType: 'Bearer', expiresInSeconds, idToken };
}

function audienceOf({ config }: Pick<Deps, 'config'>, resources: readonly string[] = []): readonly string[] {
  return resources.length > 0 ? resources : [defaultAudience(config)];
}

/** The shortest that anybody asks for: the installation, the client, the resources. */
function lifetimeSeconds(
  { config }: Pick<Deps, 'config'>,
  client: Client,
  audience: readonly string[],
): number {
  const ofResources = config.resources
    .filter((resource) => audience.includes(resource.identifier))
    .flatMap((resource) => resource.accessTokenTtlSeconds ?? []);
  return Math.min(client.accessTokenTtlSeconds ?? config.tokens.accessTokenTtlSeconds, ...ofResources);
}

function withinCeiling(client: Client, scopes: readonly string[]): string[] {
  const wider = scopes.filter((scope) => !client.scopes.includes(scope));
  if (wider.length > 0) {
    throw new AppError('INVALID_SCOPE', `client ${client._id} may not ask for ${wider.join(' ')}`);
  }
  return [...new Set(scopes)];
}

function assertMayUse(client: Client, grantType: Client['grantTypes'][number]): void {
  if (!client.grantTypes.includes(grantType)) {
    throw new AppError('UNAUTHORIZED_CLIENT', `client ${client._id} may not use ${grantType}`);
  }
}

function noteIssue(
  deps: Pick<Deps, 'audit'>,
  action: 'token.issue' | 'token.refresh',
  user: User,
  session: Session,
  client: Client,
  origin?: RequestOrigin,
): void {
  deps.audit.recordSoon({
    action,
    outcome: 'success',
    actor: { kind: 'user', id: user._id, clientId: client._id, sessionId: session._id },
    origin,
    objectType: 'Session',
    objectId: session._id,
  });
}
