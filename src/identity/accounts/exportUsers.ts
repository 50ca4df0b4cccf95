import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import type { AuditActor, RequestOrigin } from '../ports.js';

const PAGE_USERS = 500;

/** Copied as they are, where they are set. */
const COPIED = [
  'email',
  'emailVerified',
  'phone',
  'phoneVerified',
  'username',
  'mustChangePassword',
  'attributes',
  'createdAt',
  'name',
  'givenName',
  'familyName',
  'nickname',
  'picture',
  'website',
  'gender',
  'birthdate',
  'zoneinfo',
  'locale',
  'address',
] as const satisfies readonly (keyof User)[];

/**
 * Every account as a line that `importUsers` reads, oldest first, in pages. Sign-ups that nobody confirmed are left
 * out. What a line cannot say is told on the safe side: a locked account is disabled, a role held for a limited time
 * is left out. Hashes only where asked for. The export stands in the audit trail before its first line.
 */
export async function* exportUsers(
  deps: Pick<Deps, 'models' | 'audit'>,
  { withHashes }: { withHashes: boolean },
  actor: AuditActor,
  origin: RequestOrigin,
): AsyncGenerator<string> {
  await deps.audit.record({
    action: 'user.export',
    outcome: 'success',
    actor,
    origin,
    after: { withHashes },
  });
  for (let after = ''; ; ) {
    const users = await deps.models.users
      .find({ _id: { $gt: after }, unconfirmedExpiresAt: null })
      .sort({ _id: 1 })
      .limit(PAGE_USERS)
      .select(withHashes ? '+passwordHash' : '-passwordHash')
      .lean<User[]>();
    for (const user of users) yield `${JSON.stringify(lineOf(user))}\n`;
    const last = users.at(-1);
    if (!last || users.length < PAGE_USERS) return;
    after = last._id;
  }
}

function lineOf(user: User): object {
  const copied = COPIED.map((key) => [key, user[key]]).filter(([, value]) => value !== null);
  return {
    ...Object.fromEntries(copied),
    status: user.status === 'active' ? 'active' : 'disabled',
    roles: user.roleAssignments
      .filter(({ validFrom, validUntil }) => !validFrom && !validUntil)
      .map(({ role }) => role),
    ...(user.passwordHash && { passwordHash: user.passwordHash }),
  };
}
