import { AppError } from '../errors.js';
import { canonical } from '../policies/covers.js';
import type { Access } from '../policies/decision.js';
import { resolveRoles } from '../policies/roles.js';
import type { Policy, RoleDefinition, Rule } from '../policies/rule.js';
import type { Deps } from './deps.js';

/**
 * Nobody hands on a right that they do not hold themselves: each role, with all that it inherits, must lie inside the
 * granter's effective right. Call it with the roles that are new to whoever receives them.
 * @throws AppError FORBIDDEN that names the role; BAD_USER_INPUT for a role that does not exist
 */
export function assertMayGrantRoles(
  { policy }: Pick<Deps, 'policy'>,
  access: Access,
  roles: readonly string[],
  path: readonly string[] = ['roles'],
): void {
  const { roles: known } = policy.current();
  for (const name of roles) {
    if (!known.has(name)) {
      throw new AppError('BAD_USER_INPUT', `unknown role ${name}`, {
        path,
        publicMessage: `There is no role ${name}.`,
      });
    }
    const rules = resolveRoles(known, [name]).flatMap((role) => role.rules);
    refuseUncovered(access, rules, `granting ${name}`, path);
  }
}

/**
 * The same for a change of a role: what it adds, for its holders and for those of roles that inherit it, must be held
 * by whoever makes the change. Taking a deny away adds what it denied.
 * @throws AppError FORBIDDEN
 */
export function assertMayChangeRole(newest: Policy, access: Access, after: RoleDefinition): void {
  const { name } = after;
  const changed = new Map(newest.roles).set(name, after);
  const rulesBefore = resolveRoles(newest.roles, [name]).flatMap((role) => role.rules);
  const rulesAfter = resolveRoles(changed, [name]).flatMap((role) => role.rules);
  const added = without(rulesAfter, rulesBefore).filter((rule) => rule.effect === 'allow');
  const lifted = without(rulesBefore, rulesAfter)
    .filter((rule) => rule.effect === 'deny')
    .map((rule): Rule => ({ ...rule, effect: 'allow' }));
  const denies = rulesAfter.filter((rule) => rule.effect === 'deny');
  refuseUncovered(access, [...added, ...lifted, ...denies], `changing ${name}`, ['rules']);
}

function refuseUncovered(
  access: Access,
  rules: readonly Rule[],
  what: string,
  path: readonly string[],
): void {
  const rule = access.firstUncovered(rules);
  if (rule === null) return;
  throw new AppError('FORBIDDEN', `${what} would give rule ${rule.id}, which the granter does not hold`, {
    path,
    publicMessage: 'Nobody grants a right that they do not hold.',
    remedy: `needs the whole right to ${rule.actions.join(', ')} ${rule.subject}`,
  });
}

function without(rules: readonly Rule[], others: readonly Rule[]): readonly Rule[] {
  const known = new Set(others.map(meaning));
  return rules.filter((rule) => !known.has(meaning(rule)));
}

/** What a rule says, its name and reason apart. */
function meaning({ effect, actions, subject, fields, conditions, requires }: Rule): string {
  return canonical({
    effect,
    actions: [...actions].sort(),
    subject,
    fields: [...fields].sort(),
    conditions: conditions ?? null,
    requires: requires ?? null,
  });
}
