import { BUILT_IN_CLIENT_ID, BUILT_IN_ROLE_NAMES, BUILT_IN_SCOPE_NAMES } from '../builtIn.js';
import type { Config } from '../schema.js';
import { suggest } from '../suggest.js';
import type { CheckedFault } from './checkedFault.js';
import { clientFaults } from './clients.js';
import { resourceFaults } from './resources.js';

type Path = readonly PropertyKey[];

/** Declared scopes, roles, resources, clients and users: unique, and referring only to what exists. */
export function checkDeclared(config: Config): CheckedFault[] {
  return [
    ...duplicates(
      'scopes',
      'name',
      config.scopes.map(({ name }) => name),
      BUILT_IN_SCOPE_NAMES,
    ),
    ...duplicates(
      'roles',
      'name',
      config.roles.map(({ name }) => name),
      BUILT_IN_ROLE_NAMES,
    ),
    ...duplicates(
      'resources',
      'identifier',
      config.resources.map(({ identifier }) => identifier),
    ),
    ...duplicates(
      'authorizationDetailsTypes',
      'type',
      config.authorizationDetailsTypes.map(({ type }) => type),
    ),
    ...config.authorizationDetailsTypes.flatMap(({ fields }, index) =>
      detailsFieldFaults(fields, ['authorizationDetailsTypes', index, 'fields']),
    ),
    ...duplicates(
      'clients',
      'clientId',
      config.clients.map(({ clientId }) => clientId),
      [BUILT_IN_CLIENT_ID],
    ),
    ...duplicates(
      'users',
      'email',
      config.users.map(({ email }) => email?.toLowerCase()),
    ),
    ...duplicates(
      'users',
      'username',
      config.users.map(({ username }) => username?.toLowerCase()),
    ),
    ...duplicates(
      'users',
      'phone',
      config.users.map(({ phone }) => phone?.replaceAll(/[\s().-]/g, '')),
    ),
    ...references(config),
    ...inheritanceCycles(config),
    ...resourceFaults(config),
    ...config.clients.flatMap((client, index) => clientFaults(client, ['clients', index])),
    ...config.users.flatMap((user, index) => userFaults(user, ['users', index])),
  ];
}

function duplicates(
  list: string,
  key: string,
  values: readonly (string | undefined)[],
  taken: readonly string[] = [],
): CheckedFault[] {
  return values.flatMap((value, index) => {
    if (value === undefined) return [];
    const path = [list, index, key];
    if (taken.includes(value)) return [{ path, message: `"${value}" is built in and cannot be declared` }];
    const first = values.indexOf(value);
    return first < index ? [{ path, message: `"${value}" is declared twice: see ${list}[${first}]` }] : [];
  });
}

function detailsFieldFaults(
  fields: Config['authorizationDetailsTypes'][number]['fields'],
  path: Path,
): CheckedFault[] {
  const names = fields.map(({ name }) => name);
  return names.flatMap((name, index) => {
    const at = [...path, index, 'name'];
    if (name === 'type') return [{ path: at, message: '"type" is there already' }];
    // Stored as a document: MongoDB gives these a meaning of their own.
    if (/^\$|\./.test(name)) return [{ path: at, message: 'must not begin with $ or hold a dot' }];
    return names.indexOf(name) < index ? [{ path: at, message: `"${name}" is declared twice` }] : [];
  });
}

function references(config: Config): CheckedFault[] {
  const roles = new Set([...BUILT_IN_ROLE_NAMES, ...config.roles.map(({ name }) => name)]);
  const scopes = new Set([...BUILT_IN_SCOPE_NAMES, ...config.scopes.map(({ name }) => name)]);
  const role = (names: readonly string[], path: Path) => unknown('role', names, roles, path, ['roles']);
  const scope = (names: readonly string[], path: Path) => unknown('scope', names, scopes, path, ['scopes']);
  return [
    ...role(config.accounts.defaultRoles, ['accounts', 'defaultRoles']),
    ...config.roles.flatMap(({ inherits }, index) => role(inherits, ['roles', index, 'inherits'])),
    ...config.clients.flatMap((client, index) => role(client.roles, ['clients', index, 'roles'])),
    ...config.users.flatMap((user, index) => role(user.roles, ['users', index, 'roles'])),
    ...config.resources.flatMap((resource, index) => scope(resource.scopes, ['resources', index, 'scopes'])),
    ...config.clients.flatMap((client, index) => scope(client.scopes, ['clients', index, 'scopes'])),
    ...config.clients.flatMap((client, index) =>
      unknown(
        'type',
        client.authorizationDetailsTypes,
        new Set(config.authorizationDetailsTypes.map(({ type }) => type)),
        ['clients', index, 'authorizationDetailsTypes'],
        ['authorizationDetailsTypes'],
      ),
    ),
  ];
}

function unknown(
  what: string,
  names: readonly string[],
  known: ReadonlySet<string>,
  path: Path,
  needs: Path,
): CheckedFault[] {
  return names.flatMap((name, index) => {
    if (known.has(name)) return [];
    const meant = suggest(name, known);
    const hint = meant ? `; did you mean "${meant}"?` : '';
    return [{ path: [...path, index], message: `unknown ${what} "${name}"${hint}`, needs: [needs] }];
  });
}

function inheritanceCycles({ roles }: Config): CheckedFault[] {
  const parents = new Map(roles.map(({ name, inherits }) => [name, inherits]));
  return roles.flatMap(({ name }, index) => {
    const cycle = wayBack(name, name, parents, []);
    return cycle
      ? [{ path: ['roles', index, 'inherits'], message: `inherits itself: ${[name, ...cycle].join(' -> ')}` }]
      : [];
  });
}

function wayBack(
  from: string,
  to: string,
  parents: ReadonlyMap<string, readonly string[]>,
  seen: readonly string[],
): string[] | null {
  for (const parent of parents.get(from) ?? []) {
    if (parent === to) return [parent];
    const rest = seen.includes(parent) ? null : wayBack(parent, to, parents, [...seen, parent]);
    if (rest) return [parent, ...rest];
  }
  return null;
}

function userFaults(user: Config['users'][number], path: Path): CheckedFault[] {
  const faults: CheckedFault[] = [];
  if (!user.email && !user.username && !user.phone)
    faults.push({ path, message: 'needs an email, a username or a phone' });
  if (user.password !== undefined && user.passwordHash !== undefined)
    faults.push({ path, message: 'has both password and passwordHash; give one' });
  return faults;
}
