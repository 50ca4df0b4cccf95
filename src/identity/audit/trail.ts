import type { Deps } from '../deps.js';
import type { AuditEntry, AuditTrail } from '../ports.js';
import { toStoredEvent } from './auditContent.js';
import { ChainWriter } from './chainWriter.js';
import type { CheckpointDeps } from './checkpointList.js';
import { CheckpointWriter } from './checkpointWriter.js';
import { EventGroups } from './eventGroups.js';

// With the time of an insert it stays under the promised 50 ms.
const WINDOW_MILLISECONDS = 25;
const MOST_GROUPS = 1000;

/**
 * The audit trail of this process, tamper-evident by hash chains and signed checkpoints (`chainWriter.ts`,
 * `checkpointWriter.ts`, `verifyTrail.ts`), its personal values encrypted per user (`sealing.ts`).
 * `record` rejects with UNAVAILABLE when storage fails: a change that cannot be audited must not be reported as done.
 * `recordSoon` groups like events for 25 ms; what it was given last is stored by `close`.
 */
export function createAuditTrail(
  deps: CheckpointDeps & Pick<Deps, 'secrets'>,
): AuditTrail & { close(): Promise<void> } {
  const checkpoints = new CheckpointWriter(deps);
  const writer = new ChainWriter(deps, (stored) => checkpoints.note(stored));
  const groups = new EventGroups();
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    for (const { entry, at, count } of groups.take()) writer.appendSoon(toStoredEvent(entry, at, count));
  };

  return {
    async record(entry: AuditEntry): Promise<void> {
      await writer.append(toStoredEvent(entry, deps.clock(), 1));
    },
    recordSoon(entry: AuditEntry): void {
      groups.add(entry, deps.clock());
      if (groups.size >= MOST_GROUPS) flush();
      else timer ??= setTimeout(flush, WINDOW_MILLISECONDS);
    },
    async close(): Promise<void> {
      flush();
      await writer.close();
      await checkpoints.close();
    },
  };
}
