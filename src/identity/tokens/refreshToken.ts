import { randomBytes } from 'node:crypto';
import { AppError, type ErrorCode, isAppError } from '../../errors.js';
import { readTogether } from '../../models/readTogether.js';
import type { RefreshFamily } from '../../models/refreshFamily.js';
import type { Session } from '../../models/session.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { assertSameKindOfDevice } from '../sessions/otherDevice.js';
import { isSessionAlive, touchSession } from '../sessions/sessions.js';
import { isInGoodStanding } from '../sessions/standing.js';
import { revokeFamily } from './families.js';
import { endStolenFamily } from './refreshTheft.js';
import { formatRefreshToken, parseRefreshToken } from './refreshTokenFormat.js';

const FAMILY_ID_BYTES = 16;
/** Lose the swap, lose the replay to somebody who uses the successor, see the theft: more turns cannot be taken. */
const MAX_TURNS = 3;
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['INVALID_GRANT', 'INVALID_SCOPE', 'INVALID_TARGET']);

export type RefreshDeps = Pick<
  Deps,
  'audit' | 'clock' | 'config' | 'denylist' | 'mail' | 'messages' | 'metrics' | 'models' | 'secrets' | 'sms'
>;

export interface NewRefreshFamily {
  readonly session: Pick<Session, '_id' | 'acr' | 'amr' | 'authenticatedAt' | 'expiresAt' | 'userId'>;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly resources?: readonly string[];
  /** As granted: RFC 9396; OpenID Connect Core §5.5; what the person left out. */
  readonly authorizationDetails?: readonly Record<string, unknown>[] | null;
  readonly claims?: object | null;
  readonly refusedClaims?: readonly string[];
  /** Of `senderKey.ts`: what every refresh must prove. */
  readonly senderKey?: string | null;
  /** Absent: the configured one. A family never outlives its session. */
  readonly ttlSeconds?: number | null;
}

/** Starts a family and returns its first token. */
export async function startRefreshFamily(
  deps: Pick<Deps, 'clock' | 'config' | 'models' | 'secrets'>,
  family: NewRefreshFamily,
): Promise<string> {
  const { session, clientId, scopes, resources, authorizationDetails, claims, senderKey, ttlSeconds } =
    family;
  const now = deps.clock();
  const seconds = ttlSeconds ?? deps.config.tokens.refreshTokenTtlSeconds;
  const expiresAt = Math.min(now.getTime() + seconds * 1000, session.expiresAt.getTime());
  const familyId = randomBytes(FAMILY_ID_BYTES).toString('base64url');
  await deps.models.refreshFamilies.create({
    _id: familyId,
    sessionId: session._id,
    userId: session.userId,
    clientId,
    scopes: [...scopes],
    resources: [...(resources ?? [])],
    ...(authorizationDetails?.length && { authorizationDetails: [...authorizationDetails] }),
    ...(claims && { claims: { ...claims } }),
    refusedClaims: [...(family.refusedClaims ?? [])],
    acr: session.acr,
    amr: [...session.amr],
    authenticatedAt: session.authenticatedAt,
    counter: 0,
    rotatedAt: now,
    ...(senderKey ? { senderKey } : {}),
    expiresAt: new Date(expiresAt),
  });
  return formatRefreshToken(deps, { familyId, counter: 0 });
}

export interface RefreshRequest {
  readonly token: string;
  readonly clientId: string;
  /** Absent or empty: all that the family has. They narrow this one access token, not the family (RFC 6749 §6). */
  readonly scopes?: readonly string[];
  readonly senderKey?: string | null;
  /** The client's `tokensValidAfter`: older families are refused. */
  readonly validAfter?: Date | null;
  /** Throws to refuse the family and these scopes of it, before anything has changed. */
  readonly accept?: (family: RefreshFamily, scopes: readonly string[]) => void;
}

export interface RotatedToken {
  readonly family: RefreshFamily;
  readonly session: Session;
  readonly user: User;
  readonly refreshToken: string;
  readonly scopes: string[];
  /** For `issueAccessToken`: taken before the checks, so that a revocation meanwhile refuses the token. */
  readonly issuedAtMilliseconds: number;
}

/**
 * Exchanges a refresh token for its successor, by one conditional update on the family's counter.
 * Who loses the race, or repeats because the reply was lost, gets the same successor within the leeway, until somebody
 * uses that. Anything older is theft: the family ends, with audit, metric and mail (RFC 9700 §4.14.2). A refusal for
 * any other reason changes nothing.
 * @throws AppError INVALID_GRANT, INVALID_SCOPE
 */
export async function rotateRefreshToken(
  deps: RefreshDeps,
  request: RefreshRequest,
  origin: RequestOrigin,
): Promise<RotatedToken> {
  try {
    return await rotate(deps, request, origin);
  } catch (error) {
    if (isAppError(error) && REFUSALS.has(error.code)) {
      deps.metrics.refreshRotation('refused');
      deps.audit.recordSoon({
        action: 'token.refresh',
        outcome: 'denied',
        actor: { kind: 'client', id: request.clientId, clientId: request.clientId },
        origin,
        reason: error.message,
      });
    }
    throw error;
  }
}

async function rotate(
  deps: RefreshDeps,
  request: RefreshRequest,
  origin: RequestOrigin,
): Promise<RotatedToken> {
  const position = parseRefreshToken(deps, request.token);
  if (!position) throw new AppError('INVALID_GRANT', 'the refresh token is not one of ours');
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    const family = await readTogether(deps.models.refreshFamilies, position.familyId);
    assertPresentable(family, request, deps.clock());
    const scopes = narrowScopes(family, request.scopes);
    request.accept?.(family, scopes);
    if (position.counter > family.counter) {
      throw new AppError('INVALID_GRANT', 'the refresh token is from after a loss of data');
    }
    if (!isWithinReach(deps, family, position.counter)) {
      await endStolenFamily(deps, family, position.counter, origin);
      throw new AppError('INVALID_GRANT', 'a refresh token was used again: its family was revoked');
    }
    const issuedAtMilliseconds = deps.denylist.issuanceTimeMilliseconds({
      sid: family.sessionId,
      sub: family.userId,
      clientId: family.clientId,
    });
    const { session, user } = await readOwner(deps, family);
    await assertSameKindOfDevice(deps, session, family, origin);
    const moved =
      position.counter === family.counter
        ? await advance(deps, family._id, position.counter)
        : await noteReplay(deps, family._id, position.counter);
    if (!moved) continue;
    if (position.counter === family.counter) deps.metrics.refreshRotation('rotated');
    else noteRace(deps, moved, origin);
    await touchSession(deps, session);
    const refreshToken = formatRefreshToken(deps, { familyId: family._id, counter: position.counter + 1 });
    return { family: moved, session, user, refreshToken, scopes, issuedAtMilliseconds };
  }
  throw new AppError('INVALID_GRANT', 'the refresh token lost every race');
}

/** Exactly one of those who present the current token moves the counter. */
function advance(deps: RefreshDeps, familyId: string, counter: number): Promise<RefreshFamily | null> {
  const now = deps.clock();
  return deps.models.refreshFamilies
    .findOneAndUpdate(
      { _id: familyId, counter, revokedAt: null, expiresAt: { $gt: now } },
      { $inc: { counter: 1, rotations: 1 }, $set: { rotatedAt: now } },
      { returnDocument: 'after' },
    )
    .lean();
}

/** The immediate predecessor, as long as nobody has used the successor and the leeway lasts. */
function noteReplay(deps: RefreshDeps, familyId: string, counter: number): Promise<RefreshFamily | null> {
  const now = deps.clock();
  return deps.models.refreshFamilies
    .findOneAndUpdate(
      {
        _id: familyId,
        counter: counter + 1,
        rotatedAt: { $gte: leewayStart(deps, now) },
        revokedAt: null,
        expiresAt: { $gt: now },
      },
      { $inc: { replays: 1 }, $set: { lastReplayAt: now } },
      { returnDocument: 'after' },
    )
    .lean();
}

/** Grouped, unlike a theft: two tabs that refresh at once are no incident, but whoever looks into one wants to see it. */
function noteRace(deps: RefreshDeps, family: RefreshFamily, origin: RequestOrigin): void {
  const { _id, clientId, sessionId, userId } = family;
  deps.metrics.refreshRotation('replayed');
  deps.audit.recordSoon({
    action: 'token.replay',
    outcome: 'success',
    actor: { kind: 'user', id: userId, clientId, sessionId },
    origin,
    objectType: 'RefreshFamily',
    objectId: _id,
    reason: 'the loser of a race was given the same successor',
  });
}

function isWithinReach(deps: RefreshDeps, family: RefreshFamily, counter: number): boolean {
  if (counter === family.counter) return true;
  return counter === family.counter - 1 && family.rotatedAt >= leewayStart(deps, deps.clock());
}

function leewayStart({ config }: Pick<Deps, 'config'>, now: Date): Date {
  return new Date(now.getTime() - config.tokens.refreshLeewaySeconds * 1000);
}

function assertPresentable(
  family: RefreshFamily | null,
  request: RefreshRequest,
  now: Date,
): asserts family is RefreshFamily {
  if (!family) throw new AppError('INVALID_GRANT', 'the refresh family is gone');
  // RFC 6749 §6: the token is bound to the client that it was issued to.
  if (family.clientId !== request.clientId) {
    throw new AppError(
      'INVALID_GRANT',
      `the refresh token belongs to another client than ${request.clientId}`,
    );
  }
  if (family.senderKey && family.senderKey !== request.senderKey) {
    throw new AppError('INVALID_GRANT', 'the refresh token is bound to another key');
  }
  if (family.revokedAt) throw new AppError('INVALID_GRANT', `the family is revoked: ${family.revokedReason}`);
  if (family.expiresAt <= now) throw new AppError('INVALID_GRANT', 'the refresh family has expired');
  if (request.validAfter && family.createdAt < request.validAfter) {
    throw new AppError('INVALID_GRANT', "the family is from before the client's tokens were revoked");
  }
}

function narrowScopes(family: RefreshFamily, requested: readonly string[] | undefined): string[] {
  if (!requested || requested.length === 0) return family.scopes;
  const wider = requested.filter((scope) => !family.scopes.includes(scope));
  if (wider.length > 0) {
    throw new AppError('INVALID_SCOPE', `the family does not have the scopes ${wider.join(' ')}`);
  }
  return [...new Set(requested)];
}

async function readOwner(
  deps: RefreshDeps,
  family: RefreshFamily,
): Promise<{ session: Session; user: User }> {
  const [session, user] = await Promise.all([
    readTogether(deps.models.sessions, family.sessionId),
    readTogether(deps.models.users, family.userId),
  ]);
  const now = deps.clock();
  if (!session || !isSessionAlive(session, now)) {
    throw new AppError('INVALID_GRANT', 'the session of the refresh token is over');
  }
  if (!user || !isInGoodStanding(user, now)) {
    throw new AppError('INVALID_GRANT', 'the user of the refresh token is gone, locked or disabled');
  }
  if (user.tokensValidAfter && family.createdAt < user.tokensValidAfter) {
    throw new AppError('INVALID_GRANT', "the family is from before the user's tokens were revoked");
  }
  return { session, user };
}

/**
 * RFC 7009: ends the token's family, whichever of its tokens is shown. Anything that is no token of ours is already
 * as invalid as it can be, so that is no error.
 * @throws AppError INVALID_GRANT when the token belongs to another client (§2.1)
 */
export async function revokeRefreshToken(
  deps: Pick<Deps, 'audit' | 'clock' | 'denylist' | 'models' | 'secrets'>,
  { token, clientId }: { token: string; clientId: string },
  origin: RequestOrigin,
): Promise<void> {
  const position = parseRefreshToken(deps, token);
  if (!position) return;
  const family = await deps.models.refreshFamilies.findOne({ _id: position.familyId }).lean();
  if (!family) return;
  if (family.clientId !== clientId) {
    throw new AppError('INVALID_GRANT', `client ${clientId} tried to revoke a token of another client`);
  }
  const revoked = await revokeFamily(deps, family, 'revoked by its client');
  if (!revoked) return;
  await deps.audit.record({
    action: 'token.revoke',
    outcome: 'success',
    actor: { kind: 'client', id: clientId, clientId, sessionId: family.sessionId },
    origin,
    objectType: 'RefreshFamily',
    objectId: family._id,
  });
}

/** The family of a refresh token that would be accepted now, for introspection; else null. */
export async function findRefreshFamily(
  deps: Pick<Deps, 'clock' | 'models' | 'secrets'>,
  token: string,
): Promise<RefreshFamily | null> {
  const position = parseRefreshToken(deps, token);
  if (!position) return null;
  const now = deps.clock();
  const family = await deps.models.refreshFamilies
    .findOne({
      _id: position.familyId,
      counter: position.counter,
      revokedAt: null,
      expiresAt: { $gt: now },
    })
    .lean();
  if (!family) return null;
  const { sessions, users, clients } = deps.models;
  const [session, user, client] = await Promise.all([
    sessions.findOne({ _id: family.sessionId }).lean(),
    users.findOne({ _id: family.userId }).lean(),
    clients.findOne({ _id: family.clientId, status: 'active' }).lean(),
  ]);
  if (!session || !user || !client) return null;
  if (!isSessionAlive(session, now) || !isInGoodStanding(user, now)) return null;
  const marks = [user.tokensValidAfter, client.tokensValidAfter];
  return marks.some((mark) => mark && family.createdAt < mark) ? null : family;
}
