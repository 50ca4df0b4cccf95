import { AppError } from '../errors.js';
import type { Role } from '../models/role.js';
import type { Access } from '../policies/decision.js';
import type { Policy, RoleDefinition, Rule } from '../policies/rule.js';
import { validateRoles } from '../policies/validate.js';
import type { Deps } from './deps.js';
import { assertMayChangeRole } from './escalation.js';
import { assertAdministratorRemains, rolesOfAdministrators } from './policy/administratorsLeft.js';
import { draftOf } from './policyVersions.js';
import type { AuditActor, RequestOrigin } from './ports.js';

type RoleDeps = Pick<Deps, 'models' | 'policy' | 'audit' | 'config' | 'clock'>;

/** A rule as people write it: null stands for a part left out. */
export interface RuleInput {
  readonly id: string;
  readonly effect: 'allow' | 'deny';
  readonly actions: readonly string[];
  readonly subject: string;
  readonly fields: readonly string[];
  readonly conditions?: Readonly<Record<string, unknown>> | null;
  readonly requires?: { readonly acr?: string | null; readonly maxAgeSeconds?: number | null } | null;
  readonly reason?: string | null;
}

export interface RolePatch {
  readonly description?: string;
  readonly inherits?: readonly string[];
  readonly rules?: readonly RuleInput[];
}

/**
 * Publishes a policy version with the new role.
 * @throws AppError BAD_USER_INPUT with the fault's path, CONFLICT when the name is taken, FORBIDDEN when it would give
 * what its maker does not hold
 */
export async function createRole(
  deps: RoleDeps,
  input: RolePatch & { readonly name: string },
  access: Access,
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<Role> {
  const { name, ...patch } = input;
  const administrators = await rolesOfAdministrators(deps);
  await deps.policy.publish(
    (newest) => {
      if (newest.roles.has(name)) {
        throw new AppError('CONFLICT', `role ${name} exists`, {
          path: ['name'],
          publicMessage: 'There is a role of this name already.',
        });
      }
      const empty: RoleDefinition = { name, description: '', inherits: [], rules: [], builtIn: false };
      return withRole(deps, newest, access, administrators, { ...empty, ...definitionOf(patch) });
    },
    actor,
    `create role ${name}`,
  );
  await recordChange(deps, 'role.create', name, patch, actor, origin);
  return storedRole(deps, name);
}

/**
 * Publishes a policy version with the changed role; what is left out of the patch stays.
 * @throws AppError NOT_FOUND, CONFLICT for a built-in role, BAD_USER_INPUT, FORBIDDEN when the change would give what
 * whoever makes it does not hold
 */
export async function updateRole(
  deps: RoleDeps,
  input: RolePatch & { readonly name: string },
  access: Access,
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<Role> {
  const { name, ...patch } = input;
  const administrators = await rolesOfAdministrators(deps);
  await deps.policy.publish(
    (newest) =>
      withRole(deps, newest, access, administrators, { ...changeable(newest, name), ...definitionOf(patch) }),
    actor,
    `update role ${name}`,
  );
  await recordChange(deps, 'role.update', name, patch, actor, origin);
  return storedRole(deps, name);
}

/**
 * Publishes a policy version without the role.
 * @throws AppError NOT_FOUND, CONFLICT for a role that is built in, held, inherited or given to new accounts
 */
export async function deleteRole(
  deps: RoleDeps,
  name: string,
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<void> {
  await refuseIfHeld(deps, name);
  await deps.policy.publish(
    (newest) => {
      changeable(newest, name);
      const heir = [...newest.roles.values()].find((role) => role.inherits.includes(name));
      if (heir !== undefined) throw inUse(`role ${name} is inherited by ${heir.name}`);
      const draft = draftOf(newest);
      return { ...draft, roles: draft.roles.filter((role) => role.name !== name) };
    },
    actor,
    `delete role ${name}`,
  );
  await recordChange(deps, 'role.delete', name, {}, actor, origin);
}

function changeable(newest: Policy, name: string): RoleDefinition {
  const role = newest.roles.get(name);
  if (role === undefined) throw new AppError('NOT_FOUND', `no role ${name}`);
  if (role.builtIn) {
    throw new AppError('CONFLICT', `role ${name} is built in`, {
      publicMessage: 'A built-in role cannot be changed.',
    });
  }
  return role;
}

function withRole(
  deps: RoleDeps,
  newest: Policy,
  access: Access,
  administrators: readonly (readonly string[])[],
  role: RoleDefinition,
) {
  const draft = draftOf(newest);
  const roles = [...draft.roles.filter(({ name }) => name !== role.name), role];
  // Faults of other roles are not this caller's to hear about.
  const [fault] = validateRoles(deps.policy.catalog, roles).filter(
    ({ path }) => path[0] === roles.length - 1,
  );
  if (fault !== undefined) {
    const path = fault.path.slice(1).map(String);
    throw new AppError('BAD_USER_INPUT', `${path.join('.')}: ${fault.message}`, {
      path,
      publicMessage: `${path.join('.')}: ${fault.message}`,
    });
  }
  assertMayChangeRole(newest, access, role);
  const changed = { ...newest, roles: new Map(roles.map((one) => [one.name, one])) };
  assertAdministratorRemains(deps, changed, administrators);
  return { ...draft, roles };
}

function definitionOf({ rules, ...patch }: RolePatch): Partial<RoleDefinition> {
  return { ...patch, ...(rules && { rules: rules.map(ruleOf) }) };
}

/** The rule without the parts that are null. */
export function ruleOf({ conditions, requires, reason, ...rule }: RuleInput): Rule {
  const { acr, maxAgeSeconds } = requires ?? {};
  return {
    ...rule,
    ...(conditions && { conditions }),
    ...(requires && {
      requires: {
        ...(acr !== undefined && acr !== null && { acr }),
        ...(maxAgeSeconds !== undefined && maxAgeSeconds !== null && { maxAgeSeconds }),
      },
    }),
    ...(reason !== undefined && reason !== null && { reason }),
  };
}

async function refuseIfHeld({ models, config }: RoleDeps, name: string): Promise<void> {
  if (config.accounts.defaultRoles.includes(name)) throw inUse(`role ${name} is a default role`);
  if (await models.users.exists({ 'roleAssignments.role': name })) throw inUse(`a user holds role ${name}`);
  if (await models.clients.exists({ roles: name })) throw inUse(`a client holds role ${name}`);
}

function inUse(detail: string): AppError {
  return new AppError('CONFLICT', detail, { publicMessage: 'The role is in use.' });
}

function recordChange(
  { audit }: RoleDeps,
  action: string,
  name: string,
  patch: RolePatch,
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<void> {
  return audit.record({
    action,
    outcome: 'success',
    actor,
    origin,
    objectType: 'Role',
    objectId: name,
    fields: Object.keys(patch),
    ...(action !== 'role.delete' && { after: patch }),
  });
}

async function storedRole({ models }: RoleDeps, name: string): Promise<Role> {
  const role = await models.roles.findById(name).lean();
  if (role === null) throw new AppError('NOT_FOUND', `role ${name} was deleted at the same time`);
  return role;
}
