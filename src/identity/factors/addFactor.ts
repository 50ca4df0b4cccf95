import { AppError } from '../../errors.js';
import type { Factor } from '../../models/factor.js';
import type { User } from '../../models/user.js';
import { endTransactions } from '../signIn/transactions.js';
import {
  type ChangeDeps,
  type ChangedBy,
  changeAlone,
  factOf,
  noteFactorChange,
  wordsFor,
} from './changes.js';
import { confirmedFactors } from './factors.js';
import { countRecoveryCodes, regenerateRecoveryCodes } from './recoveryCodes.js';

/** A factor that holds from now on. */
export interface AddedFactor {
  readonly factor: Factor;
  /** Made with the first factor, shown once; null where the account has some. */
  readonly recoveryCodes: readonly string[] | null;
}

/**
 * Finishes an enrolment: `confirm` proves it. With the first factor come recovery codes, so that nobody depends on one
 * device. @throws AppError what `confirm` throws, CONFLICT
 */
export function addFactor(
  deps: ChangeDeps,
  owner: User,
  confirm: () => Promise<Factor>,
  by: ChangedBy,
): Promise<AddedFactor> {
  return changeAlone(deps, owner._id, async () => {
    const factor = await confirm();
    // What began while there was none would walk round it.
    await endTransactions(deps, owner._id);
    // Codes from before the first factor are nobody's paper: somebody kept them until they would be worth something.
    const isFirst = (await confirmedFactors(deps, owner._id)).length === 1;
    const hasCodes = !isFirst && (await countRecoveryCodes(deps, owner._id)) > 0;
    const recoveryCodes = hasCodes ? null : await regenerateRecoveryCodes(deps, owner._id);
    const what = `${wordsFor(factor)} was added to your account`;
    await noteFactorChange(deps, owner, { action: 'user.addFactor', what, after: factOf(factor) }, by);
    return { factor, recoveryCodes };
  });
}

/**
 * Replaces all recovery codes; those before are worth nothing. Shown once.
 * @throws AppError CONFLICT where there is no factor that they could stand in for
 */
export function renewRecoveryCodes(deps: ChangeDeps, owner: User, by: ChangedBy): Promise<string[]> {
  return changeAlone(deps, owner._id, async () => {
    if ((await confirmedFactors(deps, owner._id)).length === 0) {
      throw new AppError('CONFLICT', `user ${owner._id} has no factor`, {
        publicMessage: 'Your account has no second factor that recovery codes could stand in for.',
      });
    }
    const codes = await regenerateRecoveryCodes(deps, owner._id);
    const what = 'New recovery codes were made for your account, and the ones before work no more';
    const change = { action: 'user.regenerateRecoveryCodes', what, after: { recoveryCodes: codes.length } };
    await noteFactorChange(deps, owner, change, by);
    return codes;
  });
}
