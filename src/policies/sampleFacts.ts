import type { Catalog, CatalogSubject } from './catalog.js';
import { looksLikePlaceholder, parsePlaceholder } from './placeholder.js';
import type { Principal } from './principal.js';
import type { Policy, Rule } from './rule.js';
import type { Mask } from './sample.js';

interface Tree extends Map<string, Tree> {}

/** What the conditions of a policy look at: the fields of each type, and attributes of the principal. */
export interface Looks {
  /** `User.status`, `attributes.region`, sorted. */
  readonly names: readonly string[];
  readonly trees: ReadonlyMap<string, Tree>;
  readonly attributes: readonly string[];
}

const known = new WeakMap<Policy, Looks>();

/** Found once for each policy. */
export function looksOf(policy: Policy, catalog: Catalog): Looks {
  const found = known.get(policy);
  if (found !== undefined) return found;
  const rules = [...policy.roles.values(), ...policy.scopes.values()].flatMap((holder) => holder.rules);
  const names = [...new Set(rules.flatMap(looksOfRule))].sort();
  const trees = new Map<string, Tree>();
  for (const name of names) {
    const [subject = '', field = ''] = name.split('.');
    const path = catalog.subjects.get(subject)?.fields.get(field)?.path;
    if (path) grow(trees.get(subject) ?? put(trees, subject), path.split('.'));
  }
  const attributes = names.flatMap((name) => (name.startsWith('attributes.') ? [name.slice(11)] : []));
  const looks = { names, trees, attributes };
  known.set(policy, looks);
  return looks;
}

/** What one rule's conditions look at, in the words of `Looks.names`. */
export function looksOfRule(rule: Rule): readonly string[] {
  return namesIn(rule.subject, rule.conditions ?? {});
}

function namesIn(subject: string, condition: unknown): string[] {
  if (typeof condition === 'string' && looksLikePlaceholder(condition)) {
    const placeholder = parsePlaceholder(condition);
    return placeholder?.name === 'principal.attributes' ? [`attributes.${placeholder.attribute}`] : [];
  }
  if (Array.isArray(condition)) return condition.flatMap((part) => namesIn(subject, part));
  if (condition === null || typeof condition !== 'object' || condition instanceof Date) return [];
  return Object.entries(condition).flatMap(([key, value]) => [
    ...(key.startsWith('$') ? [] : [`${subject}.${key}`]),
    ...namesIn(subject, value),
  ]);
}

function put(trees: Map<string, Tree>, subject: string): Tree {
  const tree: Tree = new Map();
  trees.set(subject, tree);
  return tree;
}

function grow(tree: Tree, [level, ...rest]: readonly string[]): void {
  if (level === undefined) return;
  const inner: Tree = tree.get(level) ?? new Map();
  tree.set(level, inner);
  grow(inner, rest);
}

/** What conditions look at of an object, texts masked; of documents inside it that no path leads into, only that they are there. */
export function factsOfObject(looks: Looks, subject: string, object: object, mask: Mask): object {
  const tree: Tree = looks.trees.get(subject) ?? new Map();
  return pick(tree, object as Record<string, unknown>, mask);
}

function pick(tree: Tree, document: Record<string, unknown>, mask: Mask): object {
  const facts: Record<string, unknown> = {};
  for (const [level, inner] of tree) {
    const value = document[level];
    if (value !== undefined) facts[level] = maskValue(inner, value, mask);
  }
  return facts;
}

function maskValue(tree: Tree, value: unknown, mask: Mask): unknown {
  if (typeof value === 'string') return mask(value);
  if (Array.isArray(value)) return value.map((item) => maskValue(tree, item, mask));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return pick(tree, value as Record<string, unknown>, mask);
}

/** The principal with its id masked and of its attributes only what conditions look at; it names no session and no token. */
export function factsOfPrincipal(looks: Looks, principal: Principal, mask: Mask): Principal {
  const attributes = looks.attributes.flatMap((name) => {
    const value = Object.hasOwn(principal.attributes, name) ? principal.attributes[name] : undefined;
    return value === undefined ? [] : [[name, maskValue(new Map(), value, mask)]];
  });
  return {
    kind: principal.kind,
    id: principal.id === null ? null : mask(principal.id),
    roles: principal.roles,
    attributes: Object.fromEntries(attributes) as Principal['attributes'],
    session: principal.session && { ...principal.session, id: '' },
    token: principal.token && { ...principal.token, jti: '' },
    actor: null,
  };
}

/** The policy for masked objects and principals: texts in conditions and names of roles masked as they are. */
export function maskPolicy(policy: Policy, catalog: Catalog, mask: Mask): Policy {
  const rules = (list: readonly Rule[]) => list.map((rule) => maskRule(catalog, rule, mask));
  const roles = [...policy.roles.values()].map((role) => ({
    ...role,
    name: mask(role.name),
    inherits: role.inherits.map(mask),
    rules: rules(role.rules),
  }));
  const scopes = [...policy.scopes.values()].map((scope) => ({ ...scope, rules: rules(scope.rules) }));
  return {
    version: policy.version,
    roles: new Map(roles.map((role) => [role.name, role])),
    scopes: new Map(scopes.map((scope) => [scope.name, scope])),
  };
}

/** A rule for masked objects. */
export function maskRule(catalog: Catalog, rule: Rule, mask: Mask): Rule {
  const subject = catalog.subjects.get(rule.subject);
  if (rule.conditions === undefined || subject === undefined) return rule;
  return { ...rule, conditions: maskQuery(subject, rule.conditions, mask) as Rule['conditions'] & object };
}

function maskQuery(subject: CatalogSubject, query: unknown, mask: Mask): unknown {
  if (Array.isArray(query)) return query.map((part) => maskQuery(subject, part, mask));
  if (query === null || typeof query !== 'object') return query;
  return Object.fromEntries(
    Object.entries(query).map(([key, value]) => {
      if (key.startsWith('$')) return [key, maskQuery(subject, value, mask)];
      const field = subject.fields.get(key);
      const isText = (field?.kind === 'list' ? field.items : field?.kind) === 'string';
      return [key, isText ? maskOperand(value, mask) : value];
    }),
  );
}

function maskOperand(value: unknown, mask: Mask): unknown {
  if (typeof value === 'string') return looksLikePlaceholder(value) ? value : mask(value);
  if (Array.isArray(value)) return value.map((item) => maskOperand(item, mask));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, maskOperand(inner, mask)]));
}
