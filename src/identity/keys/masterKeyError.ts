import { AppError } from '../../errors.js';

/** The master key at hand is not the one that this database was encrypted under. A restart does not help. */
export class MasterKeyError extends AppError {
  constructor(presentId: string, neededIds: readonly string[], cause?: unknown) {
    const needed = neededIds.length > 0 ? `the master key ${neededIds.join(' or ')}` : 'another master key';
    super(
      'INTERNAL',
      `this database was made with ${needed}, and the one at hand is ${presentId}. Bring back the file master.key ` +
        '(or the masterKey setting) that belongs to it: from the copy that you kept, from master.key.<id> beside it, or ' +
        'from a backup that was made --with-master-key. When it is lost for good: npx fieldgate keys forget-master',
      { cause },
    );
    this.name = 'MasterKeyError';
  }
}
