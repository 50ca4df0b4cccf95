import { AppError, isAppError } from '../../errors.js';
import type { Client } from '../../models/client.js';
import { readTogether } from '../../models/readTogether.js';
import type { Session } from '../../models/session.js';
import type { User } from '../../models/user.js';
import { ANONYMOUS, type Principal } from '../../policies/principal.js';
import { recordRefusal } from '../audit/refusals.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { type AccessTokenClaims, verifyAccessToken } from '../tokens/accessToken.js';
import { assertSender } from '../tokens/assertSender.js';
import type { SenderEvidence } from '../tokens/sender.js';
import { findActor } from './actor.js';
import {
  clientPrincipal,
  sessionFacts,
  sessionFactsOfToken,
  tokenFacts,
  userPrincipal,
} from './principal.js';
import { withinSession } from './rolesInSession.js';
import { findSessionByCookie } from './sessions.js';
import { isFromBefore, isInGoodStanding } from './standing.js';

type AuthenticateDeps = Pick<
  Deps,
  'audit' | 'clock' | 'config' | 'denylist' | 'ephemeral' | 'keys' | 'models' | 'policy' | 'secrets'
>;

/** What a request to a resource brings along. */
export interface Credentials {
  /** An access token, however it was sent. */
  readonly bearer?: string | undefined;
  /** Absent: Bearer. */
  readonly scheme?: 'Bearer' | 'DPoP';
  /** What proves that the sender may use a bound token; absent: nothing does. */
  readonly sender?: SenderEvidence;
  readonly cookie?: string | undefined;
}

/** Who is behind a request, with the documents that were read to find out. */
export interface AuthenticatedRequest {
  readonly principal: Principal;
  readonly user: User | null;
  /** Only where the client is the principal; for a user's token see `principal.token.clientId`. */
  readonly client: Client | null;
  /** Only where a session cookie authenticated. */
  readonly session: Session | null;
  /** Of the access token, where one authenticated. */
  readonly claims: AccessTokenClaims | null;
}

const NOBODY: AuthenticatedRequest = {
  principal: ANONYMOUS,
  user: null,
  client: null,
  session: null,
  claims: null,
};

/**
 * Answers who asks. An access token decides alone: a bad one is refused, never overlooked in favour of a cookie.
 * A dead cookie is as good as none, so that its owner can sign in again. One query for a token, two for a cookie.
 * @throws AppError UNAUTHENTICATED, INVALID_DPOP_PROOF, USE_DPOP_NONCE
 */
export async function authenticateRequest(
  deps: AuthenticateDeps,
  credentials: Credentials,
  origin: RequestOrigin,
): Promise<AuthenticatedRequest> {
  const { bearer } = credentials;
  if (bearer !== undefined) {
    return authenticateClaims(deps, await verifyBearer(deps, { ...credentials, bearer }, origin));
  }
  if (credentials.cookie === undefined) return NOBODY;
  const session = await findSessionByCookie(deps, credentials.cookie);
  return (session && (await authenticateSession(deps, session))) ?? NOBODY;
}

/**
 * Who stands behind the claims of a token that has been verified, as they are now: introspection asks for tokens of
 * every audience. One query, and one for each actor; `readUser` may be another way to the user.
 * @throws AppError UNAUTHENTICATED when the user, the client or an actor is gone, locked or disabled
 */
export async function authenticateClaims(
  deps: Pick<Deps, 'clock' | 'config' | 'denylist' | 'models' | 'policy' | 'secrets'>,
  claims: AccessTokenClaims,
  readUser: typeof readTogether<User> = readTogether,
): Promise<AuthenticatedRequest> {
  // RFC 9068 §2.2: the subject is the client itself where no resource owner is involved.
  if (claims.sessionId === null && claims.subject === claims.clientId) {
    return authenticateClientToken(deps, claims);
  }
  const user = await readUser(deps.models.users, claims.subject);
  const now = deps.clock();
  if (!user || !isInGoodStanding(user, now)) {
    throw new AppError('UNAUTHENTICATED', `the token's user ${claims.subject} is gone, locked or disabled`);
  }
  if (isFromBefore(claims.issuedAtMilliseconds, user.tokensValidAfter)) {
    throw new AppError('UNAUTHENTICATED', 'the token is from before the user revoked all tokens');
  }
  const actor = await findActor(deps, claims);
  const principal = {
    ...withinSession(deps, userPrincipal(user, sessionFactsOfToken(claims), tokenFacts(claims), now)),
    actor,
  };
  return { principal, user, client: null, session: null, claims };
}

async function authenticateClientToken(
  deps: Pick<Deps, 'models'>,
  claims: AccessTokenClaims,
): Promise<AuthenticatedRequest> {
  const client = await deps.models.clients.findOne({ _id: claims.clientId, status: 'active' }).lean();
  if (!client || isFromBefore(claims.issuedAtMilliseconds, client.tokensValidAfter)) {
    throw new AppError('UNAUTHENTICATED', `the token's client ${claims.clientId} is gone or disabled`);
  }
  return {
    principal: clientPrincipal(client, tokenFacts(claims)),
    user: null,
    client,
    session: null,
    claims,
  };
}

/** Whose living session it is, as they are now; null when they may not act any more. One query. */
export async function authenticateSession(
  deps: Pick<Deps, 'clock' | 'config' | 'models' | 'policy'>,
  session: Session,
): Promise<AuthenticatedRequest | null> {
  const user = await readTogether(deps.models.users, session.userId);
  const now = deps.clock();
  if (!user || !isInGoodStanding(user, now)) return null;
  if (isFromBefore(session.authenticatedAt, user.tokensValidAfter)) return null;
  const principal = withinSession(deps, userPrincipal(user, sessionFacts(session), null, now));
  return { principal, user, client: null, session, claims: null };
}

async function verifyBearer(
  deps: AuthenticateDeps,
  credentials: Credentials & { bearer: string },
  origin: RequestOrigin,
): Promise<AccessTokenClaims> {
  try {
    const claims = await verifyAccessToken(deps, credentials.bearer, {
      callerAddress: origin.address,
    });
    await assertSender(deps, claims.confirmation, credentials);
    return claims;
  } catch (cause) {
    if (!isAppError(cause, 'INVALID_TOKEN') && !isAppError(cause, 'INVALID_DPOP_PROOF')) throw cause;
    await recordRefusal(deps, {
      action: 'token.verify',
      outcome: 'denied',
      actor: { kind: 'anonymous' },
      origin,
      reason: cause.message,
    });
    if (cause.code === 'INVALID_DPOP_PROOF') throw cause;
    throw new AppError('UNAUTHENTICATED', cause.message, { cause });
  }
}
