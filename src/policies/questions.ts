import { type Catalog, WHOLE } from './catalog.js';
import type { Access, Outlook } from './decision.js';
import { resolveRoles } from './roles.js';
import type { Policy, Rule } from './rule.js';

/** One thing that somebody may do, on every object or under conditions. */
export interface Right {
  readonly subject: string;
  /** `*` is the act as a whole. */
  readonly field: string;
  readonly action: string;
  readonly outcome: 'always' | 'conditional';
  readonly rules: Outlook['rules'];
}

/** The field that a question means which names none: the object for reading, else the act as a whole. */
export function usualField(action: string): string {
  return action === 'read' || action === 'list' ? 'id' : WHOLE;
}

/** Everything that may be done at all: type × field × action, without what may never be. */
export function rightsOf(access: Access): readonly Right[] {
  return [...access.catalog.subjects].flatMap(([subject, { actions, fields }]) =>
    [...actions].flatMap((action) =>
      fieldsOf(
        action,
        [...fields].filter(([, { readable }]) => readable || action !== 'read').map(([name]) => name),
      ).flatMap((field): Right[] => {
        const { outcome, rules } = access.outlook(action, subject, field);
        return outcome === 'never' ? [] : [{ subject, field, action, outcome, rules }];
      }),
    ),
  );
}

/** `list` speaks of objects, acts of themselves; the others of fields. */
function fieldsOf(action: string, fields: readonly string[]): readonly string[] {
  if (action === 'read' || action === 'update' || action === 'create') return fields;
  return [usualField(action)];
}

/** An allow by which a role may give a right, perhaps by way of a role that it inherits. */
export interface Grant {
  readonly role: string;
  /** With the role or scope that it stands in: `user/readSelf`. */
  readonly ruleId: string;
  readonly rule: Rule;
}

/** Every role and allow that speak of a right. Denies and the other legs are for the judge. */
export function grantsOf(policy: Policy, action: string, subject: string, field: string): readonly Grant[] {
  const speaks = (rule: Rule) =>
    rule.effect === 'allow' &&
    rule.subject === subject &&
    rule.actions.includes(action) &&
    (rule.fields.includes(field) || rule.fields.includes(WHOLE));
  return [...policy.roles.keys()].flatMap((role) =>
    resolveRoles(policy.roles, [role]).flatMap((holder) =>
      holder.rules.filter(speaks).map((rule) => ({ role, ruleId: `${holder.name}/${rule.id}`, rule })),
    ),
  );
}

/**
 * The stored users who may have a grant on this object, as a Mongo query: those with the role, and where the rule
 * compares a field with the principal's own id, the one whom the object names. Wider than the truth, never narrower.
 */
export function candidates(
  catalog: Catalog,
  { role, rule }: Grant,
  object: object | null,
): Record<string, unknown> {
  const holders = { 'roleAssignments.role': role };
  if (object === null || rule.conditions === undefined) return holders;
  for (const [name, value] of Object.entries(rule.conditions)) {
    const path = catalog.subjects.get(rule.subject)?.fields.get(name)?.path ?? null;
    if (path === null || path.includes('.') || !isOwnId(value)) continue;
    return { ...holders, _id: { $in: [(object as Record<string, unknown>)[path]].flat().filter(isText) } };
  }
  return holders;
}

const OWN_ID = /^\{\{\s*principal\.id\s*\}\}$/;
const isText = (value: unknown): value is string => typeof value === 'string';

function isOwnId(value: unknown): boolean {
  if (isText(value)) return OWN_ID.test(value);
  const { $eq, ...others } = (value ?? {}) as Record<string, unknown>;
  return isText($eq) && OWN_ID.test($eq) && Object.keys(others).length === 0;
}

/** The reading part of rules: what somebody sees who looks through the eyes of whoever holds them. */
export function readingOf(rules: readonly Rule[]): readonly Rule[] {
  return rules.flatMap((rule) => {
    const actions = rule.actions.filter((action) => action === 'read' || action === 'list');
    return actions.length === 0 ? [] : [{ ...rule, actions }];
  });
}
