import type { AuditTrail, Logger, MessageDispatcher } from '../ports.js';

const CONCURRENCY = 8;
/** Beyond it messages are dropped and said to be: memory is bounded while a mail server hangs. */
const MAX_WAITING = 2000;

interface Job {
  readonly purpose: string;
  readonly run: () => Promise<void>;
}

/**
 * Sends in the background, in order of arrival, a few at a time. What fails is logged and audited by purpose alone:
 * neither the log nor the trail learns the address, the link or the code.
 */
export function createMessageDispatcher(deps: { logger: Logger; audit: AuditTrail }): MessageDispatcher {
  const waiting: Job[] = [];
  let idleWaiters: (() => void)[] = [];
  let running = 0;
  let closed = false;

  const report = (purpose: string, error: unknown) => {
    const reason = error instanceof Error ? error.message : 'unknown';
    deps.logger.error({ purpose, reason }, 'message was not sent');
    deps.audit.recordSoon({
      action: 'message.send',
      outcome: 'failure',
      actor: { kind: 'system' },
      objectType: 'Message',
      reason: `${purpose}: ${reason}`,
    });
  };

  const settle = () => {
    if (running > 0 || waiting.length > 0) return;
    const resolved = idleWaiters;
    idleWaiters = [];
    for (const resolve of resolved) resolve();
  };

  const work = async (job: Job): Promise<void> => {
    try {
      await job.run();
    } catch (error) {
      report(job.purpose, error);
    }
    running -= 1;
    pump();
    settle();
  };

  function pump() {
    while (running < CONCURRENCY) {
      const job = waiting.shift();
      if (!job) break;
      running += 1;
      void work(job);
    }
  }

  const idle = () =>
    new Promise<void>((resolve) => {
      idleWaiters.push(resolve);
      settle();
    });

  return {
    enqueue(purpose, run) {
      if (closed || waiting.length >= MAX_WAITING) {
        report(purpose, new Error(closed ? 'the process is shutting down' : 'too many messages wait'));
        return;
      }
      waiting.push({ purpose, run });
      // Not before the reply is written: nothing of the job may add to the request's time.
      setImmediate(pump);
    },
    idle,
    async close() {
      closed = true;
      await idle();
    },
  };
}
