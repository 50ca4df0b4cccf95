import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import type { ChangeDeps, ChangedBy } from '../factors/changes.js';
import { removeAllFactors } from '../factors/removeFactor.js';
import { revokeOtherSessions } from '../sessions/sessions.js';

/**
 * Takes every factor of an account away, and ends every session. In this order, for a key that signs in by itself could
 * open one between the two; and with a mark, so that none comes of what was proved before. Sessions end also where the
 * factors cannot be taken. Returns how many factors that were. @throws AppError CONFLICT while others change factors
 */
export async function takeFactorsAndSessions(
  deps: ChangeDeps & Pick<Deps, 'denylist'>,
  owner: User,
  reason: string,
  by: ChangedBy,
): Promise<number> {
  try {
    return await removeAllFactors(deps, owner, by);
  } finally {
    await deps.models.users.updateOne({ _id: owner._id }, { $set: { tokensValidAfter: deps.clock() } });
    await revokeOtherSessions(deps, owner._id, null, reason, by.actor, by.origin);
  }
}
