import type { Db } from 'mongodb';
import type { Connection } from 'mongoose';
import { AppError } from '../errors.js';

/** Holds something only while a restore is under way. */
export const RESTORE_MARK = 'unfinishedRestore';

/** From here on nothing opens the database until `endRestore`. */
export async function beginRestore(db: Db): Promise<void> {
  await db.collection<{ _id: string }>(RESTORE_MARK).replaceOne({ _id: 'restore' }, {}, { upsert: true });
}

export async function endRestore(db: Db): Promise<void> {
  await db.collection(RESTORE_MARK).drop();
}

/**
 * What a restore left half done must not be served: accounts, denials or revocations may be missing.
 * @throws AppError CONFLICT
 */
export async function assertRestored(connection: Connection): Promise<void> {
  if (!(await connection.collection(RESTORE_MARK).findOne({}))) return;
  throw new AppError('CONFLICT', 'a restore into this database has not ended: repeat it with --force');
}
