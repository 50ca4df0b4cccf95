import { AppError } from '../../errors.js';
import { createAccess } from '../../policies/access.js';
import { WHOLE } from '../../policies/catalog.js';
import { ANONYMOUS } from '../../policies/principal.js';
import type { Policy } from '../../policies/rule.js';
import { ADMINISTRATOR_ROLE } from '../accounts/administrators.js';
import type { Deps } from '../deps.js';
import { rolesHeld } from '../sessions/principal.js';

type LeftDeps = Pick<Deps, 'models' | 'policy' | 'clock'>;

/** The roles now held by each active administrator, equal ones once. */
export async function rolesOfAdministrators({
  models,
  clock,
}: LeftDeps): Promise<readonly (readonly string[])[]> {
  const users = await models.users
    .find({ status: 'active', 'roleAssignments.role': ADMINISTRATOR_ROLE }, { roleAssignments: 1 })
    .limit(1000)
    .lean();
  const held = users.map((user) => rolesHeld(user, clock()).sort().join(' '));
  return [...new Set(held)].map((names) => names.split(' '));
}

/**
 * A deny in a role that all administrators hold beside theirs would lock everybody out for good.
 * @throws AppError CONFLICT
 */
export function assertAdministratorRemains(
  { policy, clock }: LeftDeps,
  after: Policy,
  administrators: readonly (readonly string[])[],
): void {
  const remains = administrators.some((roles) => {
    const principal = { ...ANONYMOUS, kind: 'user' as const, id: 'administrator', roles };
    return createAccess(after, policy.catalog, principal, clock()).mayEver('publish', 'PolicyVersion', WHOLE);
  });
  if (remains || administrators.length === 0) return;
  throw new AppError('CONFLICT', 'the draft would leave no administrator who may publish', {
    publicMessage: 'This would leave no administrator who may publish a policy.',
  });
}
