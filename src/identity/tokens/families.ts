import type { RefreshFamily } from '../../models/refreshFamily.js';
import type { Deps } from '../deps.js';
import { queueLogouts } from '../logout/queueLogouts.js';

export interface FamilyFilter {
  readonly sessionId?: string | { $in: readonly string[] };
  readonly userId?: string;
  readonly clientId?: string;
}

/** Revokes the living refresh families that match; returns how many. An empty filter matches all of them. */
export async function revokeFamilies(
  deps: Pick<Deps, 'clock' | 'models'>,
  filter: FamilyFilter,
  reason: string,
): Promise<number> {
  const result = await deps.models.refreshFamilies.updateMany(
    { ...filter, revokedAt: null },
    { $set: { revokedAt: deps.clock(), revokedReason: reason } },
  );
  return result.modifiedCount;
}

/**
 * Ends one family with the access tokens that its client holds for its session. Other clients' tokens of the session
 * and the browser's cookie live on; a session without a cookie has nothing else to live for and ends with its last
 * family. True for exactly one of those who revoke at once.
 */
export async function revokeFamily(
  deps: Pick<Deps, 'clock' | 'denylist' | 'models'>,
  family: Pick<RefreshFamily, '_id' | 'sessionId' | 'clientId'>,
  reason: string,
): Promise<boolean> {
  const revokedAt = deps.clock();
  const result = await deps.models.refreshFamilies.updateOne(
    { _id: family._id, revokedAt: null },
    { $set: { revokedAt, revokedReason: reason } },
  );
  // Also when somebody else was first: who died after the line above must not leave living access tokens.
  await deps.denylist.deny('sid', `${family.sessionId}:${family.clientId}`);
  const remaining = await deps.models.refreshFamilies.exists({
    sessionId: family.sessionId,
    revokedAt: null,
    expiresAt: { $gt: revokedAt },
  });
  if (!remaining) {
    const isOver = { _id: family.sessionId, cookieHash: null, revokedAt: null };
    if (await deps.models.sessions.exists(isOver)) await queueLogouts(deps, [family.sessionId]);
    await deps.models.sessions.updateOne(isOver, { $set: { revokedAt, revokedReason: reason } });
  }
  return result.modifiedCount === 1;
}
