import { AppError } from '../errors.js';
import type { Client } from '../models/client.js';
import type { User } from '../models/user.js';
import { WHOLE } from '../policies/catalog.js';
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
 * The same for scopes that a client may ask for: what they let through for its tokens.
 * @throws AppError FORBIDDEN that names the scope; scopes that do not exist are left to the check of the client
 */
export function assertMayGrantScopes(
  { policy }: Pick<Deps, 'policy'>,
  access: Access,
  scopes: readonly string[],
  path: readonly string[] = ['scopes'],
): void {
  const { scopes: known } = policy.current();
  for (const name of scopes) {
    refuseUncovered(access, known.get(name)?.rules ?? [], `granting scope ${name}`, path);
  }
}

/**
 * Nobody locks, unlocks or changes an account that holds rights which they do not hold themselves: a moderator could
 * shut administrators out, or take their account over by its address. The default roles count for nothing, since
 * everybody has them. `standing`: the actor's own rights, whatever part of them the token at hand lets through.
 * @throws AppError FORBIDDEN
 */
export function assertMayAdminister(
  { policy, config, clock }: Pick<Deps, 'policy' | 'config' | 'clock'>,
  standing: Access,
  actorId: string | null,
  user: Pick<User, '_id' | 'roleAssignments'>,
): void {
  if (user._id === actorId) return;
  // A role that begins later is held already: who is locked today would not be there to receive it.
  const now = clock();
  const names = user.roleAssignments
    .filter(({ validUntil }) => !validUntil || validUntil > now)
    .map(({ role }) => role)
    .filter((role) => !config.accounts.defaultRoles.includes(role));
  const rule = standing.firstUncovered(rulesOf(policy.current(), names));
  if (rule === null) return;
  throw new AppError('FORBIDDEN', `user ${user._id} holds rule ${rule.id}, which the actor does not hold`, {
    publicMessage: 'This account holds rights that you do not hold.',
  });
}

/** What of a client decides neither who can act as it nor where its codes and tokens go. Roles and scopes have checks of their own. */
const HARMLESS: ReadonlySet<string> = new Set([
  'name',
  'description',
  'logoUri',
  'clientUri',
  'policyUri',
  'tosUri',
  'contacts',
  'roles',
  'scopes',
]);

/**
 * The same for a client: whoever changes its redirect URIs gets its codes, whoever has its secret or sets its keys is the
 * client. So its roles, and what its scopes let through of anybody's rights, must be held by who does that, its owner
 * included: an administrator may have given it more since. Give `patch` for a change of metadata: what is harmless, or
 * stays as it is, needs no right.
 * @throws AppError FORBIDDEN
 */
export function assertMayAdministerClient(
  { policy }: Pick<Deps, 'policy'>,
  standing: Access,
  client: Client,
  patch?: Readonly<Record<string, unknown>>,
): void {
  if (patch && !Object.keys(patch).some((key) => !HARMLESS.has(key) && isChanged(client, key, patch[key])))
    return;
  const current = policy.current();
  const scoped = client.scopes.flatMap((name) => current.scopes.get(name)?.rules ?? []);
  const rule = standing.firstUncovered([...rulesOf(current, client.roles), ...scoped]);
  if (rule === null) return;
  throw new AppError(
    'FORBIDDEN',
    `client ${client._id} holds rule ${rule.id}, which the actor does not hold`,
    {
      publicMessage: 'This client holds rights that you do not hold.',
    },
  );
}

function isChanged(client: Client, key: string, value: unknown): boolean {
  const before = (client as unknown as Record<string, unknown>)[key];
  return value !== undefined && canonical(before ?? null) !== canonical(value ?? null);
}

function rulesOf({ roles }: Policy, names: readonly string[]): readonly Rule[] {
  return resolveRoles(roles, names).flatMap((role) => role.rules);
}

/**
 * The same for roles that somebody loses: what their denies kept from the roles that remain is given by the loss.
 * `kept`: the roles held as before; `held`: all that are held afterwards.
 * @throws AppError FORBIDDEN
 */
export function assertMayTakeRoles(
  { policy }: Pick<Deps, 'policy'>,
  access: Access,
  { taken, kept, held }: Readonly<Record<'taken' | 'kept' | 'held', readonly string[]>>,
  path: readonly string[] = ['roles'],
): void {
  const { roles: known } = policy.current();
  const rulesOf = (names: readonly string[]) => resolveRoles(known, names).flatMap((role) => role.rules);
  const lifted = without(rulesOf(taken), rulesOf(kept)).filter((rule) => rule.effect === 'deny');
  if (lifted.length === 0) return;
  const after = rulesOf(held);
  const allows = after.filter((rule) => rule.effect === 'allow');
  const given = lifted.flatMap((deny) => allows.flatMap((allow) => shared(allow, deny)));
  const denies = rulesOf(kept).filter((rule) => rule.effect === 'deny');
  refuseUncovered(access, [...given, ...denies], `taking ${taken.join(', ')}`, path);
}

/** The part of an allow that a deny may speak of; empty where they never meet. */
function shared(allow: Rule, deny: Rule): readonly Rule[] {
  if (allow.subject !== deny.subject) return [];
  const actions = allow.actions.filter((action) => deny.actions.includes(action));
  const fields = deny.fields.includes(WHOLE)
    ? allow.fields
    : deny.fields.filter((field) => allow.fields.includes(field) || allow.fields.includes(WHOLE));
  return actions.length > 0 && fields.length > 0 ? [{ ...allow, actions, fields }] : [];
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
  refuseAdded(access, rulesBefore, rulesAfter, `changing ${name}`, ['rules']);
}

/**
 * The same for a whole policy: what it adds to any role or scope must be held by whoever publishes it. A scope that
 * lets more through gives as well, to the tokens that have it.
 * @throws AppError FORBIDDEN
 */
export function assertMayChangePolicy(before: Policy, access: Access, after: Policy): void {
  const path = ['draft'];
  for (const name of new Set([...before.roles.keys(), ...after.roles.keys()])) {
    const [was, is] = [before, after].map(({ roles }) =>
      resolveRoles(roles, [name]).flatMap((role) => role.rules),
    );
    refuseAdded(access, was ?? [], is ?? [], `publishing role ${name}`, path);
  }
  for (const name of new Set([...before.scopes.keys(), ...after.scopes.keys()])) {
    const [was, is] = [before, after].map(({ scopes }) => scopes.get(name)?.rules ?? []);
    refuseAdded(access, was ?? [], is ?? [], `publishing scope ${name}`, path);
  }
}

function refuseAdded(
  access: Access,
  rulesBefore: readonly Rule[],
  rulesAfter: readonly Rule[],
  what: string,
  path: readonly string[],
): void {
  // Most of a policy stays as it is.
  if (rulesBefore.length === rulesAfter.length && rulesAfter.every((rule, at) => rule === rulesBefore[at]))
    return;
  const added = without(rulesAfter, rulesBefore).filter((rule) => rule.effect === 'allow');
  const lifted = without(rulesBefore, rulesAfter)
    .filter((rule) => rule.effect === 'deny')
    .map((rule): Rule => ({ ...rule, effect: 'allow' }));
  const denies = rulesAfter.filter((rule) => rule.effect === 'deny');
  refuseUncovered(access, [...added, ...lifted, ...denies], what, path);
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
