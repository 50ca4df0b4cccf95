import { AppError, type ErrorCode, isAppError } from '../../errors.js';
import { readTogether } from '../../models/readTogether.js';
import type { RefreshFamily } from '../../models/refreshFamily.js';
import type { Session } from '../../models/session.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { assertSameKindOfDevice } from '../sessions/otherDevice.js';
import { touchSession } from '../sessions/sessions.js';
import { assertPresentable, narrowScopes, type Presentation, readOwner } from './refreshConditions.js';
import { endStolenFamily } from './refreshTheft.js';
import { formatRefreshToken, parseRefreshToken } from './refreshTokenFormat.js';
import type { TokenTarget } from './target.js';

/** Lose the swap, lose the replay to somebody who uses the successor, see the theft: more turns cannot be taken. */
const MAX_TURNS = 3;
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['INVALID_GRANT', 'INVALID_SCOPE', 'INVALID_TARGET']);

export type RefreshDeps = Pick<
  Deps,
  'audit' | 'clock' | 'config' | 'denylist' | 'mail' | 'messages' | 'metrics' | 'models' | 'secrets' | 'sms'
>;

export interface RefreshRequest extends Presentation {
  readonly token: string;
  /** Absent or empty: all that the family has. They narrow this one access token, not the family (RFC 6749 §6). */
  readonly scopes?: readonly string[];
  /** What the new access token is for; throws to refuse the family or these scopes of it, before anything has changed. */
  readonly targetOf: (family: RefreshFamily, scopes: readonly string[]) => TokenTarget;
}

export interface RotatedToken {
  readonly family: RefreshFamily;
  readonly session: Session;
  readonly user: User;
  readonly refreshToken: string;
  readonly scopes: string[];
  readonly target: TokenTarget;
  /** For `issueAccessToken`: taken before the checks, so that a revocation meanwhile refuses the token. */
  readonly issuedAtMilliseconds: number;
}

/**
 * Exchanges a refresh token for its successor, by one conditional update on the family's counter.
 * Who loses the race, or repeats because the reply was lost, gets the same successor within the leeway, until somebody
 * uses that. Anything older is theft: the family ends, with audit, metric and mail (RFC 9700 §4.14.2). A refusal for
 * any other reason changes nothing.
 * @throws AppError INVALID_GRANT, INVALID_SCOPE, INVALID_TARGET
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
    const target = request.targetOf(family, scopes);
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
    return { family: moved, session, user, refreshToken, scopes, target, issuedAtMilliseconds };
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
