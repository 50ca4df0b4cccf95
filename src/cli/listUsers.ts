import { AppError } from '../errors.js';
import type { User, UserStatus } from '../models/user.js';
import type { CommonOptions } from './commands/command.js';
import { EXIT } from './exitCodes.js';
import { findUser } from './findUser.js';
import { cell, listing, print, table } from './output.js';
import { withHouse } from './withHouse.js';

export interface ListUsersOptions extends CommonOptions {
  readonly status?: string;
  readonly role?: string;
  readonly after?: string;
  readonly limit?: string;
}

const STATUSES: readonly UserStatus[] = ['active', 'locked', 'disabled'];
const MOST_USERS = 10_000;

/** Prints a page of users, oldest first, and the id to go on after. Answers the exit code. */
export async function listUsers(options: ListUsersOptions): Promise<number> {
  const { role, after, json } = options;
  const status = STATUSES.find((one) => one === options.status);
  if (options.status !== undefined && !status) throw refused(`--status is one of ${STATUSES.join(', ')}`);
  const limit = Number(options.limit ?? 100);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_USERS) {
    throw refused(`--limit is 1 to ${MOST_USERS}`);
  }
  const found = await withHouse(options.config, ({ models }) =>
    models.users
      .find({
        ...(status && { status }),
        ...(role !== undefined && { 'roleAssignments.role': role }),
        ...(after !== undefined && { _id: { $gt: after } }),
      })
      .sort({ _id: 1 })
      .limit(limit + 1)
      .lean<User[]>(),
  );
  const users = found.slice(0, limit).map(toldOf);
  const next = found.length > limit ? (users.at(-1)?.id ?? null) : null;
  const rows = users.map(({ id, email, username, phone, status: state, roles }) =>
    [id, email ?? username ?? phone, state, roles].map(cell),
  );
  const more = next ? `\nmore: --after ${next}` : '';
  print(json, { users, next }, `${table(['id', 'identifier', 'status', 'roles'], rows)}${more}`);
  return EXIT.ok;
}

/** Prints one user with the kinds of their factors and the number of their sessions. Answers the exit code. */
export async function showUser(reference: string, { config, json }: CommonOptions): Promise<number> {
  const told = await withHouse(config, async (deps) => {
    const user = await findUser(deps, reference);
    const [factors, sessions] = await Promise.all([
      deps.models.factors.find({ userId: user._id, confirmedAt: { $ne: null } }).lean(),
      deps.models.sessions.countDocuments({ userId: user._id, revokedAt: null }),
    ]);
    return { ...toldOf(user), factors: factors.map(({ kind, name }) => ({ kind, name })), sessions };
  });
  print(json, told, listing(told));
  return EXIT.ok;
}

/** What is told of an account; hashes are never read. */
function toldOf(user: User) {
  const { _id: id, username, email, emailVerified, phone, phoneVerified, name, status, attributes } = user;
  const { mustChangePassword, lockedAt, lockedUntil, lockReason, lastSignInAt, createdAt } = user;
  return {
    id,
    username: username ?? null,
    email: email ?? null,
    emailVerified,
    phone: phone ?? null,
    phoneVerified,
    name: name ?? null,
    status,
    roles: user.roleAssignments.map(({ role }) => role),
    roleAssignments: user.roleAssignments,
    attributes,
    mustChangePassword,
    lockedAt: lockedAt ?? null,
    lockedUntil: lockedUntil ?? null,
    lockReason: lockReason ?? null,
    deletionScheduledAt: user.deletionScheduledAt ?? null,
    lastSignInAt: lastSignInAt ?? null,
    createdAt,
  };
}

function refused(message: string): AppError {
  return new AppError('BAD_USER_INPUT', message);
}
