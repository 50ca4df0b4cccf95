import type { Deps } from '../deps.js';

const DAY_MILLISECONDS = 86_400_000;

/**
 * Removes audit events older than `audit.retentionDays` and returns how many. Whole chains (days) go at once, so
 * that what stays still verifies. Without the setting nothing is ever removed.
 */
export async function removeExpiredAuditEvents(
  deps: Pick<Deps, 'models' | 'config' | 'clock'>,
): Promise<number> {
  const days = deps.config.audit.retentionDays;
  if (days === undefined) return 0;
  const cutoff = new Date(deps.clock().getTime() - days * DAY_MILLISECONDS).toISOString().slice(0, 10);
  // A chain's name starts with its day, so names sort by age.
  const { deletedCount } = await deps.models.auditEvents.deleteMany({ chain: { $lt: cutoff } });
  return deletedCount;
}
