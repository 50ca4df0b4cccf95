import { AppError } from '../../errors.js';
import type { Factor } from '../../models/factor.js';
import type { Deps } from '../deps.js';

/** More are a sign of abuse; recovery codes and trusted devices do not count. */
const MOST_FACTORS = 20;

/** The factors that a person can prove themselves by, the oldest first. */
export function confirmedFactors(deps: Pick<Deps, 'models'>, userId: string): Promise<Factor[]> {
  return deps.models.factors
    .find({ userId, confirmedAt: { $ne: null } })
    .sort({ createdAt: 1 })
    .lean<Factor[]>();
}

/** @throws AppError LIMIT_EXCEEDED */
export async function assertRoomForFactor(deps: Pick<Deps, 'models'>, userId: string): Promise<void> {
  const count = await deps.models.factors.countDocuments({ userId });
  if (count >= MOST_FACTORS) throw new AppError('LIMIT_EXCEEDED', `user ${userId} has ${count} factors`);
}
