import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';

/**
 * Notes a sign-in by one conditional update on what was judged, so that an account which changed meanwhile lets nobody
 * in. A lock by an administrator whose end has passed is lifted on the way.
 * @returns the account without its hash; null: it changed
 */
export function noteSignIn(
  deps: Pick<Deps, 'clock' | 'models'>,
  user: User,
  judged: Partial<User>,
  replacement: Partial<User> = {},
): Promise<User | null> {
  const lockOver = user.status === 'locked';
  return deps.models.users
    .findOneAndUpdate(
      { ...judged, _id: user._id, status: user.status },
      {
        $set: { lastSignInAt: deps.clock(), ...replacement, ...(lockOver ? { status: 'active' } : {}) },
        ...(lockOver ? { $unset: { lockedAt: 1, lockedUntil: 1, lockReason: 1 } } : {}),
      },
      // A sign-in is no change of the account.
      { returnDocument: 'after', timestamps: false },
    )
    .select('-passwordHash')
    .lean<User>();
}
