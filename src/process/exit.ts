import type { Logger } from '../identity/ports.js';

/** A drain that takes longer is cut off. */
const DRAIN_SECONDS = 10;

/**
 * Runs `drain` at the first SIGTERM or SIGINT and ends the process with 0; with 1 when it fails or takes more than ten
 * seconds. Further signals change nothing. Resolves when the process is about to end.
 */
export function drainOnSignal(logger: Logger, drain: () => Promise<void>): void {
  let draining = false;
  const stop = async (signal: string): Promise<void> => {
    if (draining) return;
    draining = true;
    logger.info({ signal }, 'draining: no new connections, requests in flight are finished');
    setTimeout(() => {
      logger.error({ seconds: DRAIN_SECONDS }, 'draining took too long');
      process.exit(1);
    }, DRAIN_SECONDS * 1000).unref();
    try {
      await drain();
      logger.info({}, 'stopped');
      process.exit(0);
    } catch (error) {
      logger.error({ err: error }, 'draining failed');
      process.exit(1);
    }
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
}

/** What nobody handled is logged and ends the process: its state is unknown, and a supervisor starts a new one. */
export function exitOnUnhandled(logger: Logger): void {
  const die = (what: string) => (error: unknown) => {
    logger.error({ err: error }, what);
    process.exit(1);
  };
  process.on('unhandledRejection', die('a promise was rejected and nobody handled it'));
  process.on('uncaughtException', die('an error was thrown and nobody caught it'));
}
