import { AppError } from '../../errors.js';

/** Runs jobs of which only so many may be at work and so many may wait. */
export interface WorkQueue {
  /** @throws AppError UNAVAILABLE with `retryAfterSeconds`, at once, when the queue is full */
  run<T>(job: () => Promise<T>): Promise<T>;
  state(): { running: number; waiting: number };
}

/** First come, first served. The wait that a refusal names is guessed from the time that recent jobs took. */
export function createWorkQueue(limits: { concurrency: number; queueLength: number }): WorkQueue {
  const waiting: (() => void)[] = [];
  let running = 0;
  let recentSeconds = 0.05;

  const retryAfterSeconds = () =>
    Math.max(1, Math.ceil(((waiting.length + running) * recentSeconds) / limits.concurrency));

  const acquire = (): Promise<void> | undefined => {
    if (running < limits.concurrency) {
      running += 1;
      return undefined;
    }
    if (waiting.length >= limits.queueLength) {
      throw new AppError('UNAVAILABLE', `password queue is full (${waiting.length} wait)`, {
        retryAfterSeconds: retryAfterSeconds(),
      });
    }
    return new Promise((resolve) => {
      waiting.push(resolve);
    });
  };

  // The slot passes straight to the next in line: `running` would otherwise let a newcomer overtake it.
  const release = () => {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  };

  return {
    async run(job) {
      await acquire();
      const startedAt = performance.now();
      try {
        return await job();
      } finally {
        recentSeconds = 0.8 * recentSeconds + 0.2 * ((performance.now() - startedAt) / 1000);
        release();
      }
    },
    state: () => ({ running, waiting: waiting.length }),
  };
}
