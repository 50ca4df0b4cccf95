import { AppError, isAppError } from '../../errors.js';
import type { Client } from '../../models/client.js';
import type { Session } from '../../models/session.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { authenticateClaims } from '../sessions/authenticate.js';
import { isSessionAlive } from '../sessions/sessions.js';
import { isFromBefore, isInGoodStanding } from '../sessions/standing.js';
import {
  type AccessTokenClaims,
  type Actor,
  type Confirmation,
  verifyAccessToken,
} from '../tokens/accessToken.js';
import { asSignedIn } from '../tokens/grantedSignIn.js';
import { userIdOf } from '../tokens/subject.js';

type ReadDeps = Pick<Deps, 'clock' | 'config' | 'denylist' | 'keys' | 'models' | 'policy' | 'secrets'>;

/** RFC 8693 §3, those that we issue. */
export const TOKEN_TYPES = {
  accessToken: 'urn:ietf:params:oauth:token-type:access_token',
  idToken: 'urn:ietf:params:oauth:token-type:id_token',
} as const;

/** A token that was shown to be exchanged, and who stands behind it now. */
export interface PresentedToken {
  /** Null: a client's own token. */
  readonly user: User | null;
  readonly session: Session | null;
  /** To whom it was issued. */
  readonly clientId: string;
  /** Null for an ID token, which stands for no right. */
  readonly access: AccessTokenClaims | null;
  readonly actor: Actor | null;
  readonly confirmation: Confirmation | null;
  readonly expiresAtSeconds: number;
}

/** A subject that is a person with a living session. */
export type Subject = PresentedToken & { readonly user: User; readonly session: Session };

/**
 * Reads a token of ours as RFC 8693 §2.1 lets it be shown: whatever refuses it at a resource refuses it here. An ID
 * token must be for the client that shows it, for a person names in it whom they signed in to.
 * A public client shows none at all: ID tokens travel in addresses (`id_token_hint`) and are bound to no key.
 * @throws AppError INVALID_REQUEST, one text whatever the reason (§2.2.2); also for a type that is not ours;
 * UNAUTHORIZED_CLIENT
 */
export async function readPresentedToken(
  deps: ReadDeps,
  { token, type, client }: { token: string; type: string; client: Client },
  origin: RequestOrigin,
): Promise<PresentedToken> {
  try {
    if (type === TOKEN_TYPES.accessToken) return await readAccessToken(deps, token, origin);
    if (type === TOKEN_TYPES.idToken && client.tokenEndpointAuthMethod === 'none') {
      throw new AppError('UNAUTHORIZED_CLIENT', `client ${client._id} is public and shows an ID token`);
    }
    if (type === TOKEN_TYPES.idToken) return await readIdToken(deps, token, client);
  } catch (error) {
    if (isAppError(error, 'INVALID_TOKEN') || isAppError(error, 'UNAUTHENTICATED')) {
      throw refuseToken(error.message, error);
    }
    throw error;
  }
  throw refuseToken('a type of token that is not ours');
}

async function readAccessToken(
  deps: ReadDeps,
  token: string,
  origin: RequestOrigin,
): Promise<PresentedToken> {
  const access = await verifyAccessToken(deps, token, {
    anyAudience: true,
    // Else an API that shares a secret could make itself a token of anybody, and have it exchanged for another API.
    madeHere: true,
    callerAddress: origin.address,
  });
  const { user } = await authenticateClaims(deps, access);
  const { clientId, actor, confirmation, expiresAtSeconds } = access;
  const living = user && (await findLivingSession(deps, access.sessionId));
  const session = living && asSignedIn(living, signInOf(access.acr, access.amr, access.authTimeSeconds));
  return { user, session, clientId, access, actor, confirmation, expiresAtSeconds };
}

async function readIdToken(deps: ReadDeps, token: string, client: Client): Promise<PresentedToken> {
  const {
    sub,
    sid,
    iat,
    exp,
    at_hash: hash,
    acr,
    amr,
    auth_time: authTime,
  } = await deps.keys.verify(token, { typ: 'JWT', audience: client._id });
  // Other documents for the client are of the same type: none of them has all of these.
  if (!sub || typeof sid !== 'string' || typeof hash !== 'string' || iat === undefined || exp === undefined) {
    throw refuseToken('not an ID token');
  }
  const userId = userIdOf(deps, sub);
  const user = await deps.models.users.findOne({ _id: userId }).lean<User>();
  if (!user || !isInGoodStanding(user, deps.clock())) throw refuseToken(`user ${userId} is gone or locked`);
  if (isFromBefore(iat * 1000, user.tokensValidAfter)) {
    throw refuseToken('the ID token is from before the user revoked all tokens');
  }
  const marks = { jti: '', sid, sub: userId, clientId: client._id, issuedAtSeconds: iat };
  if (deps.denylist.isDenied(marks)) throw refuseToken('what the ID token stands for was revoked');
  const session = await findLivingSession(deps, sid);
  if (session.userId !== userId) throw refuseToken('the session is of another user');
  return {
    user,
    session: asSignedIn(session, signInOf(acr, amr, authTime)),
    clientId: client._id,
    access: null,
    actor: null,
    confirmation: null,
    expiresAtSeconds: exp,
  };
}

/** As a token tells it; what it does not tell is not known. */
function signInOf(acr: unknown, amr: unknown, authTimeSeconds: unknown) {
  return {
    acr: typeof acr === 'string' ? acr : null,
    amr: Array.isArray(amr) ? amr.filter((method) => typeof method === 'string') : null,
    authenticatedAt: typeof authTimeSeconds === 'number' ? new Date(authTimeSeconds * 1000) : null,
  };
}

async function findLivingSession(
  deps: Pick<Deps, 'clock' | 'models'>,
  sessionId: string | null,
): Promise<Session> {
  const session =
    sessionId === null ? null : await deps.models.sessions.findOne({ _id: sessionId }).lean<Session>();
  if (!session || !isSessionAlive(session, deps.clock()))
    throw refuseToken('the session of the token is over');
  return session;
}

/** RFC 8693 §2.2.2: one error and one text for everything that is wrong with a token that was shown. */
export function refuseToken(detail: string, cause?: unknown): AppError {
  return new AppError('INVALID_REQUEST', `token exchange: ${detail}`, {
    cause,
    publicMessage: 'subject_token or actor_token is not valid, or not one that this server exchanges',
  });
}
