import { addressKey } from '../addressKey.js';
import type { Deps } from '../deps.js';
import type { AuditEntry, RequestOrigin } from '../ports.js';
import { consume } from '../rateLimits.js';

/**
 * Audits that a credential was refused, for one address no more often than the general limit lets requests through:
 * where only refusals are counted, they come before the limit, and nobody may fill the trail without end.
 */
export async function recordRefusal(
  deps: Pick<Deps, 'audit' | 'config' | 'ephemeral'>,
  entry: AuditEntry & { readonly origin: RequestOrigin },
): Promise<void> {
  const { exceeded } = await consume(deps, 'general', `refusals of ${addressKey(entry.origin.address)}`);
  if (!exceeded) deps.audit.recordSoon(entry);
}
