import type { Deps } from '../deps.js';

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
