import { AppError } from '../../errors.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import { changeUser, requireUser, type UserChange } from './userChange.js';

/** The built-in role that may do everything. */
export const ADMINISTRATOR_ROLE = 'admin';

/** The emergency account of the configuration. Not an id that an account could be given. */
export const BREAK_GLASS_ID = 'break-glass';

/** Administrators who can act now and stay so: active, not waiting for deletion, the role held without an end. */
function lastingAdministrators(now: Date) {
  return {
    status: 'active',
    deletionScheduledAt: null,
    roleAssignments: {
      $elemMatch: {
        role: ADMINISTRATOR_ROLE,
        validUntil: null,
        $or: [{ validFrom: null }, { validFrom: { $lte: now } }],
      },
    },
  } as const;
}

/** The same question about one account in hand. */
function isLastingAdministrator(user: User, now: Date): boolean {
  return (
    user.status === 'active' &&
    !user.deletionScheduledAt &&
    user.roleAssignments.some(
      ({ role, validFrom, validUntil }) =>
        role === ADMINISTRATOR_ROLE && !validUntil && (!validFrom || validFrom <= now),
    )
  );
}

function lastAdministrator(): AppError {
  return new AppError('CONFLICT', 'the change would leave no active administrator', {
    publicMessage: 'This is the last active administrator.',
  });
}

/**
 * Makes a change that may take away an administrator, but never the last one. Two changes at once may each see the
 * other's administrator still in place, so the count is looked at again afterwards, and a change that left none is
 * taken back. Both may be taken back then; none is ever left in force.
 * @throws AppError CONFLICT, NOT_FOUND
 */
export async function changeUserKeepingAdministrator(
  deps: Pick<Deps, 'models' | 'clock'>,
  userId: string,
  fields: Partial<User>,
): Promise<UserChange> {
  const { users } = deps.models;
  const now = deps.clock();
  const user = await requireUser(deps, userId);
  const losesOne = isLastingAdministrator(user, now) && !isLastingAdministrator({ ...user, ...fields }, now);
  if (!losesOne) return changeUser(deps, userId, fields);

  // The emergency account is there for as long as the configuration says, so it counts for nobody.
  const others = { ...lastingAdministrators(now), _id: { $nin: [userId, BREAK_GLASS_ID] } };
  if (!(await users.exists(others))) throw lastAdministrator();
  const change = await changeUser(deps, userId, fields);
  if (await users.exists(others)) return change;
  await changeUser(deps, userId, previous(change.before, fields));
  throw lastAdministrator();
}

/** The changed fields as they were; null where they were absent. */
function previous(before: User, fields: Partial<User>): Partial<User> {
  return Object.fromEntries(Object.keys(fields).map((field) => [field, before[field as keyof User] ?? null]));
}
