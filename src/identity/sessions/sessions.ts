import { hash, randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../../errors.js';
import type { Place, Session } from '../../models/session.js';
import type { User } from '../../models/user.js';
import { voidProofs } from '../accounts/oneTimeProof.js';
import type { Deps } from '../deps.js';
import { queueLogouts } from '../logout/queueLogouts.js';
import type { AuditActor, RequestOrigin } from '../ports.js';
import { endTransactions } from '../signIn/transactions.js';
import { revokeFamilies } from '../tokens/families.js';
import { describeDevice } from './device.js';

const COOKIE_BYTES = 32;
const COOKIE_VALUE = /^[A-Za-z0-9_-]{43}$/;
const TOUCH_SECONDS = 60;

/** The assurance of one factor (NIST SP 800-63B). */
const SINGLE_FACTOR_ACR = 'aal1';

export interface NewSession {
  /** As read when the credentials were verified: what changed since then refuses the session. */
  readonly user: User;
  readonly clientId?: string | null;
  /** RFC 8176: `pwd`. */
  readonly amr: readonly string[];
  readonly acr?: string;
  /** When the user proved it; absent: just now. */
  readonly authenticatedAt?: Date;
  readonly withCookie: boolean;
  readonly place?: Place | null;
}

/**
 * Opens a session after the user has proved who they are. The cookie's value has 256 random bits and is stored as a
 * digest only.
 * @throws AppError INVALID_CREDENTIALS when the account was locked or its password changed since `user` was read
 */
export async function createSession(
  deps: Pick<Deps, 'clock' | 'config' | 'models'>,
  { user, clientId, amr, acr, authenticatedAt, withCookie, place }: NewSession,
  origin: RequestOrigin,
): Promise<{ session: Session; cookieValue: string | null }> {
  const now = deps.clock();
  const cookie = withCookie ? makeSessionCookie() : null;
  const session = await deps.models.sessions.create({
    _id: uuidv7(),
    userId: user._id,
    ...(cookie && { cookieHash: cookie.hash }),
    ...(clientId ? { clientId } : {}),
    device: describeDevice(origin.userAgent),
    address: origin.address,
    ...(place ? { place } : {}),
    acr: acr ?? SINGLE_FACTOR_ACR,
    amr: [...amr],
    authenticatedAt: authenticatedAt ?? now,
    lastUsedAt: now,
    ...expiryAt(deps, now),
  });
  // After the insert: whoever ends all sessions changes the account first, so one of the two sees the other.
  if (!(await isUnchanged(deps, user))) {
    await deps.models.sessions.deleteOne({ _id: session._id });
    throw new AppError('INVALID_CREDENTIALS', 'the account changed while it was signing in');
  }
  const { cookieHash: _secret, ...readable } = session.toObject();
  return { session: readable, cookieValue: cookie?.value ?? null };
}

/** A fresh value for a session's cookie, and the digest that is stored of it. */
export function makeSessionCookie(): { value: string; hash: string } {
  const value = randomBytes(COOKIE_BYTES).toString('base64url');
  return { value, hash: digestCookie(value) };
}

/** The living session of a cookie. Its last use is noted at most once a minute. */
export async function findSessionByCookie(
  deps: Pick<Deps, 'clock' | 'config' | 'models'>,
  cookieValue: string,
): Promise<Session | null> {
  if (!COOKIE_VALUE.test(cookieValue)) return null;
  const session = await deps.models.sessions.findOne({ cookieHash: digestCookie(cookieValue) }).lean();
  if (!session || !isSessionAlive(session, deps.clock())) return null;
  await touchSession(deps, session);
  return session;
}

/** Neither revoked nor idle for too long nor over. */
export function isSessionAlive(
  session: Pick<Session, 'revokedAt' | 'idleExpiresAt' | 'expiresAt'>,
  now: Date,
): boolean {
  return !session.revokedAt && session.idleExpiresAt > now && session.expiresAt > now;
}

/** The same as a filter. */
export function aliveAt(now: Date) {
  return { revokedAt: null, idleExpiresAt: { $gt: now }, expiresAt: { $gt: now } };
}

/** Puts off the idle expiry of a session in use; writes at most once a minute. */
export async function touchSession(
  deps: Pick<Deps, 'clock' | 'config' | 'models'>,
  session: Pick<Session, '_id' | 'lastUsedAt'>,
): Promise<void> {
  const now = deps.clock();
  if (now.getTime() - session.lastUsedAt.getTime() < TOUCH_SECONDS * 1000) return;
  const { idleExpiresAt } = expiryAt(deps, now);
  await deps.models.sessions.updateOne(
    { _id: session._id, revokedAt: null, lastUsedAt: { $lt: now } },
    { $set: { lastUsedAt: now, idleExpiresAt } },
  );
}

/**
 * Ends one session with its refresh families and access tokens; safe to repeat after a crash.
 * @throws AppError NOT_FOUND
 */
export async function revokeSession(
  deps: Pick<Deps, 'audit' | 'clock' | 'denylist' | 'models'>,
  sessionId: string,
  reason: string,
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<void> {
  const session = await deps.models.sessions.findOne({ _id: sessionId }).lean();
  if (!session) throw new AppError('NOT_FOUND', `there is no session ${sessionId}`);
  await closeSessions(deps, [sessionId], reason);
  await deps.denylist.deny('sid', sessionId);
  await deps.audit.record({
    action: 'session.revoke',
    outcome: 'success',
    actor,
    origin,
    objectType: 'Session',
    objectId: sessionId,
    reason,
  });
}

/**
 * Ends every session of a user but `keepSessionId`, and the letters and half-done sign-ins that would open one; returns
 * how many were alive.
 */
export async function revokeOtherSessions(
  deps: Pick<Deps, 'audit' | 'clock' | 'denylist' | 'models'>,
  userId: string,
  keepSessionId: string | null,
  reason: string,
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<number> {
  await voidProofs(deps, userId, ['signIn']);
  await endTransactions(deps, userId, keepSessionId);
  const others = await deps.models.sessions
    .find({ userId, revokedAt: null, ...(keepSessionId === null ? {} : { _id: { $ne: keepSessionId } }) })
    .select('_id idleExpiresAt expiresAt')
    .lean();
  const now = deps.clock();
  const alive = others.filter((session) => isSessionAlive({ ...session, revokedAt: null }, now));
  const ids = others.map((session) => session._id);
  await closeSessions(deps, ids, reason);
  // One mark for all of them, which also refuses tokens of a session that was opened at this moment.
  if (keepSessionId === null) await deps.denylist.deny('user', userId);
  else await Promise.all(ids.map((id) => deps.denylist.deny('sid', id)));
  await deps.audit.record({
    action: 'session.revokeOthers',
    outcome: 'success',
    actor,
    origin,
    objectType: 'User',
    objectId: userId,
    after: { revoked: alive.length },
    reason,
  });
  return alive.length;
}

/**
 * Tells the clients, and closes from the root to the leaves: what a crash leaves behind can no longer be refreshed, and
 * expires.
 */
export async function closeSessions(
  deps: Pick<Deps, 'clock' | 'models'>,
  sessionIds: readonly string[],
  reason: string,
): Promise<void> {
  if (sessionIds.length === 0) return;
  await queueLogouts(deps, sessionIds);
  await deps.models.sessions.updateMany(
    { _id: { $in: sessionIds }, revokedAt: null },
    { $set: { revokedAt: deps.clock(), revokedReason: reason } },
  );
  await revokeFamilies(deps, { sessionId: { $in: sessionIds } }, reason);
}

async function isUnchanged(deps: Pick<Deps, 'models'>, user: User): Promise<boolean> {
  const same = await deps.models.users.exists({
    _id: user._id,
    status: user.status,
    passwordChangedAt: user.passwordChangedAt ?? null,
    tokensValidAfter: user.tokensValidAfter ?? null,
  });
  return same !== null;
}

function expiryAt({ config }: Pick<Deps, 'config'>, now: Date): Pick<Session, 'idleExpiresAt' | 'expiresAt'> {
  return {
    idleExpiresAt: new Date(now.getTime() + config.sessions.idleTtlSeconds * 1000),
    expiresAt: new Date(now.getTime() + config.sessions.absoluteTtlSeconds * 1000),
  };
}

function digestCookie(value: string): string {
  return hash('sha256', value, 'base64url');
}
