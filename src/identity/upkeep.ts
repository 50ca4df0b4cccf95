import { purgeDueAccounts } from './accounts/deletion.js';
import { removeExpiredAuditEvents } from './audit/retention.js';
import type { Deps } from './deps.js';

const INTERVAL_MILLISECONDS = 60 * 60 * 1000;

/**
 * Does, at once and then hourly, what time alone makes due: removes accounts whose grace period is over and audit
 * events past their retention. Replicas may run it at the same time: each removal is conditional.
 */
export function startUpkeep(deps: Deps): { close(): Promise<void> } {
  const run = async (): Promise<void> => {
    try {
      await purgeDueAccounts(deps);
      await removeExpiredAuditEvents(deps);
    } catch (error) {
      deps.logger.error({ err: error }, 'upkeep failed; it runs again within the hour');
    }
  };
  let running = run();
  const timer = setInterval(() => {
    running = run();
  }, INTERVAL_MILLISECONDS);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}
