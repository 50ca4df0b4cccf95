import type { Clock, Logger } from './ports.js';

const QUIET_MILLISECONDS = 60_000;

/** A warning that is logged at most once a minute, for what fails at every request while a store is gone. */
export function createWarning(
  deps: { logger: Logger; clock: Clock },
  message: string,
): (error: unknown) => void {
  let quietUntil = Number.NEGATIVE_INFINITY;
  return (error) => {
    const now = deps.clock().getTime();
    if (now < quietUntil) return;
    quietUntil = now + QUIET_MILLISECONDS;
    deps.logger.warn({ err: error }, message);
  };
}
