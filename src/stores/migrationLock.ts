import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Db, MongoServerError } from 'mongodb';
import { AppError } from '../errors.js';

interface Lock {
  _id: string;
  holder: string;
  leaseUntil: Date;
}

export interface LockOptions {
  readonly clock: () => Date;
  /** A holder that is gone blocks the others for this long. */
  readonly leaseSeconds?: number;
  /** How long to wait for another replica. */
  readonly waitSeconds?: number;
}

const POLL_MILLISECONDS = 100;

/**
 * Runs `work` while holding the database's one lock document, so that of many replicas that start together one
 * migrates and the others wait. The lease is renewed while the work lasts.
 * @throws AppError UNAVAILABLE when another replica holds the lock for too long
 */
export async function withMigrationLock<T>(db: Db, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const { clock, leaseSeconds = 30, waitSeconds = 120 } = options;
  const locks = db.collection<Lock>('migrationLock');
  const holder = randomUUID();
  const leaseUntil = () => new Date(clock().getTime() + leaseSeconds * 1000);
  const acquire = async (): Promise<boolean> => {
    try {
      // The upsert of a second one fails on _id, unless the lease of the first has run out.
      const filter = { _id: 'migrations', leaseUntil: { $lt: clock() } };
      await locks.updateOne(filter, { $set: { holder, leaseUntil: leaseUntil() } }, { upsert: true });
      return true;
    } catch (error) {
      if (error instanceof MongoServerError && error.code === 11000) return false;
      throw error;
    }
  };
  for (let waited = 0; !(await acquire()); waited += POLL_MILLISECONDS) {
    if (waited >= waitSeconds * 1000)
      throw new AppError('UNAVAILABLE', 'another replica holds the migration lock');
    await sleep(POLL_MILLISECONDS);
  }
  const renewal = setInterval(
    () =>
      void locks
        .updateOne({ _id: 'migrations', holder }, { $set: { leaseUntil: leaseUntil() } })
        .catch(() => undefined),
    (leaseSeconds * 1000) / 3,
  );
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    await locks.deleteOne({ _id: 'migrations', holder });
  }
}
