import { AppError } from '../../errors.js';
import type { DataKey } from '../../models/dataKey.js';
import type { Deps } from '../deps.js';
import { unwrap } from './dataKeys.js';

/** What goes with a master key that is lost for good. */
export interface ForgottenSecrets {
  readonly signingKeys: number;
  readonly authenticatorApps: number;
  readonly recoveryCodes: number;
  /** Users whose personal values in the audit trail cannot be read any more. */
  readonly auditSubjects: number;
}

/**
 * Removes what only the lost master key opens, so that the installation starts with the one at hand: signing keys (every
 * token ends), authenticator apps and recovery codes, what is personal in the audit trail so far. Pairwise subjects
 * change. Safe to repeat.
 * @throws AppError CONFLICT when the master key at hand opens the database: nothing is lost
 */
export async function forgetLostMasterKey(
  { models }: Pick<Deps, 'models'>,
  present: Uint8Array,
): Promise<ForgottenSecrets> {
  const keys = await models.dataKeys.find().lean<DataKey[]>();
  if (keys.some((key) => unwrap(present, key))) {
    throw new AppError('CONFLICT', 'the master key at hand opens this database: nothing is lost');
  }
  const [signing, factors, codes, subjects] = [
    await models.signingKeys.deleteMany({}),
    await models.factors.deleteMany({ kind: 'totp' }),
    await models.recoveryCodes.deleteMany({}),
    // Not marked as destroyed: who lives on gets a new one.
    await models.subjectKeys.deleteMany({ encryptedKey: { $type: 'string' } }),
  ];
  // Last: without them the next start makes new ones.
  await models.dataKeys.deleteMany({});
  return {
    signingKeys: signing.deletedCount,
    authenticatorApps: factors.deletedCount,
    recoveryCodes: codes.deletedCount,
    auditSubjects: subjects.deletedCount,
  };
}
