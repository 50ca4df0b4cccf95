import { AppError } from '../../errors.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import type { AuditActor, RequestOrigin } from '../ports.js';
import { duplicateUserField } from './duplicateKey.js';

const PATH_OF = { emailNormalized: 'email', phone: 'phone', usernameNormalized: 'username' } as const;

/** Fields that exist for the database and tell a reader of the audit trail nothing. */
const UNTOLD = new Set(['emailNormalized', 'usernameNormalized', 'passwordHash']);

/** An account before and after one update. */
export interface UserChange {
  before: User;
  after: User;
}

/** Splits fields into what is set and, where null, removed. */
function updateOf(fields: Partial<User>) {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return {
    $set: Object.fromEntries(entries.filter(([, value]) => value !== null)),
    $unset: Object.fromEntries(entries.filter(([, value]) => value === null).map(([key]) => [key, 1])),
  };
}

/** A collision told to somebody who may know of it: the user about a username, an administrator about any contact. */
export function conflictOf(error: unknown): unknown {
  const field = duplicateUserField(error);
  if (field === null) return error;
  const path = PATH_OF[field];
  return new AppError('CONFLICT', `another account has this ${path}`, {
    path: [path],
    publicMessage: `Another account has this ${path}.`,
    cause: error,
  });
}

/** One account, without its hash. @throws AppError NOT_FOUND */
export async function requireUser(deps: Pick<Deps, 'models'>, userId: string): Promise<User> {
  const user = await deps.models.users.findById(userId).lean<User>();
  if (!user) throw new AppError('NOT_FOUND', `there is no user ${userId}`);
  return user;
}

/**
 * Writes fields of an account in one update; null removes a field.
 * @throws AppError NOT_FOUND, CONFLICT with the path of the field that another account has
 */
export async function changeUser(
  deps: Pick<Deps, 'models'>,
  userId: string,
  fields: Partial<User>,
): Promise<UserChange> {
  const before = await requireUser(deps, userId);
  try {
    const after = await deps.models.users
      .findOneAndUpdate({ _id: userId }, updateOf(fields), { returnDocument: 'after' })
      .lean<User>();
    if (!after) throw new AppError('NOT_FOUND', `user ${userId} was removed meanwhile`);
    return { before, after };
  } catch (error) {
    throw conflictOf(error);
  }
}

/** Audits what was changed, with the values before and after. */
export async function recordChange(
  deps: Pick<Deps, 'audit'>,
  action: string,
  { before, after }: UserChange,
  fields: readonly string[],
  actor: AuditActor,
  origin: RequestOrigin,
  reason?: string,
): Promise<void> {
  const told = fields.filter((field) => !UNTOLD.has(field));
  const valuesOf = (user: User) =>
    Object.fromEntries(told.map((field) => [field, user[field as keyof User] ?? null]));
  await deps.audit.record({
    action,
    outcome: 'success',
    actor,
    origin,
    objectType: 'User',
    objectId: after._id,
    fields: told,
    before: valuesOf(before),
    after: valuesOf(after),
    ...(reason === undefined ? {} : { reason }),
  });
}
