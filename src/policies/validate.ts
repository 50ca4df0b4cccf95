import { type Catalog, type CatalogSubject, WHOLE } from './catalog.js';
import { parseConditions } from './conditions.js';
import type { Fault } from './fault.js';
import { ACR_LEVELS } from './requirement.js';
import { findInheritanceCycle } from './roles.js';
import type { Requirement, RoleDefinition, Rule, ScopeDefinition } from './rule.js';

type Path = readonly (string | number)[];

const ROLE_NAME = /^[a-z][a-z0-9:_-]{0,63}$/;
const RULE_ID = /^[A-Za-z][A-Za-z0-9:._-]{0,63}$/;

/** Everything wrong with a rule: a name that the catalog does not know, a condition that cannot hold. Empty: it may be saved. */
export function validateRule(catalog: Catalog, rule: Rule, path: Path = []): readonly Fault[] {
  const faults: Fault[] = [];
  if (!RULE_ID.test(rule.id)) {
    faults.push({
      path: [...path, 'id'],
      message: 'must be a letter, then letters, digits and : . _ -, at most 64',
    });
  }
  const subject = catalog.subjects.get(rule.subject);
  if (subject === undefined) {
    return [...faults, { path: [...path, 'subject'], message: `unknown type ${rule.subject}` }];
  }
  return [
    ...faults,
    ...namesFaults(rule.actions, [...path, 'actions'], 'action', (name) => subject.actions.has(name)),
    ...namesFaults(rule.fields, [...path, 'fields'], 'field', (name) => isField(subject, name)),
    ...(rule.conditions === undefined
      ? []
      : parseConditions(subject, rule.conditions, [...path, 'conditions']).faults),
    ...(rule.requires === undefined ? [] : requirementFaults(rule.requires, [...path, 'requires'])),
  ];
}

/** Everything wrong with roles that would be in force together; paths start at the role's place in the list. */
export function validateRoles(catalog: Catalog, roles: readonly RoleDefinition[]): readonly Fault[] {
  const byName = new Map(roles.map((role) => [role.name, role]));
  return roles.flatMap((role, index) => {
    const path = [index];
    const faults: Fault[] = [...rulesFaults(catalog, role.rules, [...path, 'rules'])];
    if (!ROLE_NAME.test(role.name)) {
      const message = 'must be a lower-case letter, then lower-case letters, digits and : _ -, at most 64';
      faults.push({ path: [...path, 'name'], message });
    }
    if (byName.get(role.name) !== role) {
      faults.push({ path: [...path, 'name'], message: `there are two roles ${role.name}` });
    }
    role.inherits.forEach((parent, at) => {
      if (byName.has(parent)) return;
      faults.push({ path: [...path, 'inherits', at], message: `unknown role ${parent}` });
    });
    const cycle = findInheritanceCycle(byName, role.name);
    if (cycle !== null) {
      faults.push({ path: [...path, 'inherits'], message: `inherits itself: ${cycle.join(' > ')}` });
    }
    return faults;
  });
}

/** Everything wrong with scopes that would be in force together; paths start at the scope's place in the list. */
export function validateScopes(catalog: Catalog, scopes: readonly ScopeDefinition[]): readonly Fault[] {
  const seen = new Set<string>();
  return scopes.flatMap((scope, index) => {
    const faults = [...rulesFaults(catalog, scope.rules, [index, 'rules'])];
    if (seen.has(scope.name))
      faults.push({ path: [index, 'name'], message: `there are two scopes ${scope.name}` });
    seen.add(scope.name);
    return faults;
  });
}

function rulesFaults(catalog: Catalog, rules: readonly Rule[], path: Path): readonly Fault[] {
  const seen = new Set<string>();
  return rules.flatMap((rule, index) => {
    const faults = [...validateRule(catalog, rule, [...path, index])];
    if (seen.has(rule.id))
      faults.push({ path: [...path, index, 'id'], message: `there are two rules ${rule.id}` });
    seen.add(rule.id);
    return faults;
  });
}

function isField(subject: CatalogSubject, name: string): boolean {
  return name === WHOLE || subject.fields.has(name);
}

function namesFaults(
  names: readonly string[],
  path: Path,
  noun: string,
  isKnown: (name: string) => boolean,
): readonly Fault[] {
  if (names.length === 0) return [{ path, message: `must name at least one ${noun}` }];
  return names.flatMap((name, index) =>
    isKnown(name) ? [] : [{ path: [...path, index], message: `unknown ${noun} ${name}` }],
  );
}

function requirementFaults({ acr, maxAgeSeconds }: Requirement, path: Path): readonly Fault[] {
  const faults: Fault[] = [];
  if (acr === undefined && maxAgeSeconds === undefined) faults.push({ path, message: 'requires nothing' });
  if (acr !== undefined && !ACR_LEVELS.includes(acr)) {
    faults.push({
      path: [...path, 'acr'],
      message: `unknown level ${acr}, known are ${ACR_LEVELS.join(', ')}`,
    });
  }
  if (maxAgeSeconds !== undefined && !(Number.isInteger(maxAgeSeconds) && maxAgeSeconds > 0)) {
    faults.push({ path: [...path, 'maxAgeSeconds'], message: 'must be a whole number above 0' });
  }
  return faults;
}
