import { AppError } from '../../errors.js';
import type { Factor } from '../../models/factor.js';
import type { User } from '../../models/user.js';
import { reaches } from '../../policies/requirement.js';
import { methodsOf } from '../signIn/factorOptions.js';
import { acrOf } from '../signIn/levels.js';
import { endTransactions } from '../signIn/transactions.js';
import {
  type ChangeDeps,
  type ChangedBy,
  changeAlone,
  factOf,
  factorName,
  noteFactorChange,
  wordsFor,
} from './changes.js';
import { confirmedFactors } from './factors.js';
import { forgetTrustedDevices } from './trustedDevices.js';

/**
 * Takes a factor away. What hung on it ends: browsers that need show none, sign-ins that are under way, and with the
 * last factor the recovery codes. `demandedAcr`: the level that the account must stay able to reach.
 * @throws AppError BAD_USER_INPUT when there is no such factor, CONFLICT when the level needs it
 */
export function removeFactor(
  deps: ChangeDeps,
  owner: User,
  { factorId, demandedAcr }: { readonly factorId: string; readonly demandedAcr: string },
  by: ChangedBy,
): Promise<Factor> {
  return changeAlone(deps, owner._id, async () => {
    const factors = await confirmedFactors(deps, owner._id);
    const factor = factors.find(({ _id }) => _id === factorId);
    if (!factor) throw noSuchFactor(factorId);
    const rest = factors.filter((other) => other !== factor);
    if (!reachedBy(rest, demandedAcr)) {
      throw new AppError('CONFLICT', `user ${owner._id} must reach ${demandedAcr}`, {
        path: ['id'],
        publicMessage: `Your account must be able to reach ${demandedAcr}: add another factor first.`,
      });
    }
    await removeAll(deps, owner, [factor], by);
    if (rest.length === 0) await deps.models.recoveryCodes.deleteMany({ userId: owner._id });
    return factor;
  });
}

/** Takes every factor away, recovery codes too, for who has lost them all: for administrators. Returns how many. */
export function removeAllFactors(deps: ChangeDeps, owner: User, by: ChangedBy): Promise<number> {
  return changeAlone(deps, owner._id, async () => {
    const factors = await confirmedFactors(deps, owner._id);
    await removeAll(deps, owner, factors, by);
    await deps.models.recoveryCodes.deleteMany({ userId: owner._id });
    return factors.length;
  });
}

/** @throws AppError BAD_USER_INPUT */
export async function renameFactor(
  deps: ChangeDeps,
  owner: User,
  { factorId, name }: { readonly factorId: string; readonly name: string },
  by: ChangedBy,
): Promise<Factor> {
  const before = await deps.models.factors
    .findOneAndUpdate(
      { _id: factorId, userId: owner._id, confirmedAt: { $ne: null } },
      { $set: { name: factorName(name) } },
    )
    .lean<Factor>();
  if (!before) throw noSuchFactor(factorId);
  const after = { ...before, name: factorName(name) };
  const what = `${wordsFor(before)} of your account is called "${after.name}" now`;
  const change = { action: 'user.renameFactor', what, before: factOf(before), after: factOf(after) };
  await noteFactorChange(deps, owner, change, by);
  return after;
}

/** Trusts one browser, or every browser, no more. Returns how many that were. */
export async function endTrust(
  deps: ChangeDeps,
  owner: User,
  deviceId: string | null,
  by: ChangedBy,
): Promise<number> {
  const forgotten = await forgetTrustedDevices(deps, owner._id, deviceId);
  if (forgotten === 0) return 0;
  const what = 'Browsers that did not have to show a second factor must show one again';
  const change = { action: 'user.forgetTrustedDevices', what, after: { forgotten } };
  await noteFactorChange(deps, owner, change, by);
  return forgotten;
}

async function removeAll(
  deps: ChangeDeps,
  owner: User,
  factors: readonly Factor[],
  by: ChangedBy,
): Promise<void> {
  // The trust first: a crash leaves the owner with a factor to show, never without one to be asked for.
  await forgetTrustedDevices(deps, owner._id);
  await endTransactions(deps, owner._id);
  for (const factor of factors) {
    const { deletedCount } = await deps.models.factors.deleteOne({ _id: factor._id, userId: owner._id });
    if (deletedCount === 0) continue;
    const what = `${wordsFor(factor)} was removed from your account`;
    await noteFactorChange(deps, owner, { action: 'user.removeFactor', what, before: factOf(factor) }, by);
  }
  // Sign-ins that began while the factor was still there.
  await endTransactions(deps, owner._id);
}

function reachedBy(factors: readonly Factor[], acr: string): boolean {
  if (acr === 'aal1') return true;
  return factors.some(({ kind }) => reaches(acrOf(['pwd', ...methodsOf(kind)]), acr));
}

function noSuchFactor(factorId: string): AppError {
  return new AppError('BAD_USER_INPUT', `no factor ${factorId} of the account`, {
    path: ['id'],
    publicMessage: 'There is no such factor.',
  });
}
