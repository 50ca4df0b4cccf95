import { AppError } from '../../errors.js';
import { BUILT_IN_ROLES } from '../../policies/builtInRoles.js';
import { BUILT_IN_SCOPES } from '../../policies/builtInScopes.js';
import type { Catalog } from '../../policies/catalog.js';
import { describeFaults, type Fault } from '../../policies/fault.js';
import type { Policy, RoleDefinition, ScopeDefinition } from '../../policies/rule.js';
import { validateRoles, validateScopes } from '../../policies/validate.js';
import { draftOf, policyOf } from '../policyVersions.js';
import { type RuleInput, ruleOf } from '../roles.js';

/** What shall be otherwise in the policy; what it does not name stays. */
export interface DraftInput {
  /** Each put in place of the role of its name. */
  readonly roles?: readonly {
    readonly name: string;
    readonly description?: string | null;
    readonly inherits?: readonly string[] | null;
    readonly rules?: readonly RuleInput[] | null;
  }[];
  readonly scopes?: readonly {
    readonly name: string;
    readonly description?: string | null;
    readonly rules?: readonly RuleInput[] | null;
  }[];
  readonly removeRoles?: readonly string[];
  readonly removeScopes?: readonly string[];
}

const BUILT_IN = {
  roles: new Set(BUILT_IN_ROLES.map(({ name }) => name)),
  scopes: new Set(BUILT_IN_SCOPES.map(({ name }) => name)),
};

/**
 * What the draft makes of a policy, under the next number.
 * @throws AppError CONFLICT for what is built in, BAD_USER_INPUT with the path of the first fault and a text of all
 */
export function applyDraft(catalog: Catalog, newest: Policy, draft: DraftInput): Policy {
  const { roles: wanted = [], scopes: wantedScopes = [], removeRoles = [], removeScopes = [] } = draft;
  refuseBuiltIn('role', BUILT_IN.roles, [...wanted.map(({ name }) => name), ...removeRoles]);
  refuseBuiltIn('scope', BUILT_IN.scopes, [...wantedScopes.map(({ name }) => name), ...removeScopes]);
  const present = draftOf(newest);
  const roles = wanted.map(roleOf);
  const scopes = wantedScopes.map(scopeOf);
  const keptRoles = present.roles.filter(isKept(roles, removeRoles));
  const keptScopes = present.scopes.filter(isKept(scopes, removeScopes));
  const after = { roles: [...keptRoles, ...roles], scopes: [...keptScopes, ...scopes] };
  refuseFaults([
    ...under('roles', keptRoles.length, validateRoles(catalog, after.roles)),
    ...under('scopes', keptScopes.length, validateScopes(catalog, after.scopes)),
  ]);
  return policyOf(newest.version + 1, after);
}

/** The draft that makes another policy's roles and scopes those of the newest one, the built-in ones apart. */
export function draftTowards(newest: Policy, wanted: Policy): DraftInput {
  const made = (policy: Policy) => ({
    roles: [...policy.roles.values()].filter(({ name }) => !BUILT_IN.roles.has(name)),
    scopes: [...policy.scopes.values()].filter(({ name }) => !BUILT_IN.scopes.has(name)),
  });
  const { roles, scopes } = made(wanted);
  const names = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name);
  return {
    roles,
    scopes,
    removeRoles: names(made(newest).roles).filter((name) => !names(roles).includes(name)),
    removeScopes: names(made(newest).scopes).filter((name) => !names(scopes).includes(name)),
  };
}

type Named = { readonly name: string };

function isKept(put: readonly Named[], removed: readonly string[]): (item: Named) => boolean {
  const gone = new Set([...put.map(({ name }) => name), ...removed]);
  return ({ name }) => !gone.has(name);
}

function roleOf({ name, ...given }: NonNullable<DraftInput['roles']>[number]): RoleDefinition {
  return {
    name,
    description: given.description ?? '',
    inherits: given.inherits ?? [],
    rules: (given.rules ?? []).map(ruleOf),
    builtIn: false,
  };
}

function scopeOf({ name, ...given }: NonNullable<DraftInput['scopes']>[number]): ScopeDefinition {
  return { name, description: given.description ?? '', rules: (given.rules ?? []).map(ruleOf) };
}

function refuseBuiltIn(noun: string, builtIn: ReadonlySet<string>, names: readonly string[]): void {
  const name = names.find((one) => builtIn.has(one));
  if (name === undefined) return;
  throw new AppError('CONFLICT', `${noun} ${name} is built in`, {
    path: ['draft', `${noun}s`],
    publicMessage: `The ${noun} ${name} is built in and cannot be changed.`,
  });
}

/** Paths as they stand in the draft; a fault of what was kept comes from what the draft takes away. */
function under(head: 'roles' | 'scopes', kept: number, faults: readonly Fault[]): readonly Fault[] {
  const removal = head === 'roles' ? 'removeRoles' : 'removeScopes';
  return faults.map(({ path: [index, ...rest], message }) => {
    const at = Number(index) - kept;
    return { path: at < 0 ? ['draft', removal] : ['draft', head, at, ...rest], message };
  });
}

function refuseFaults(faults: readonly Fault[]): void {
  const [first] = faults;
  if (first === undefined) return;
  throw new AppError('BAD_USER_INPUT', `the draft is wrong:\n${describeFaults(faults)}`, {
    path: first.path.map(String),
    publicMessage: describeFaults(faults),
  });
}
