import type { GraphQLSchema } from 'graphql';
import { WHOLE } from '../../policies/catalog.js';
import { canonical } from '../../policies/covers.js';
import type { RoleDefinition, Rule } from '../../policies/rule.js';
import { demandedField } from './demand.js';
import { type AnyField, type Demand, dataTypes, fieldMark, governedMark, rootTypes } from './marks.js';

/**
 * Appends to the description of every field of the schema, in place, what it takes to use it and who has that, written
 * from the rules: "Requires `read` on User.email; held by: admin, moderator, user (own)". Call it once, with the
 * built-in roles, so that the emitted schema is the same everywhere.
 */
export function describePermissions(schema: GraphQLSchema, roles: readonly RoleDefinition[]): void {
  const roots = rootTypes(schema);
  for (const type of [...roots, ...dataTypes(schema)]) {
    const isGoverned = governedMark(type) !== null;
    for (const field of Object.values(type.getFields()) as AnyField[]) {
      const text = permissionOf(roles, type.name, field, isGoverned);
      if (text !== null) field.description = [field.description, text].filter(Boolean).join('\n\n');
    }
  }
}

function permissionOf(
  roles: readonly RoleDefinition[],
  type: string,
  field: AnyField,
  isGoverned: boolean,
): string | null {
  const mark = fieldMark(field);
  if (mark?.kind === 'public') return `Public: ${mark.why}.`;
  if (mark?.kind === 'requires') return demandText(roles, mark);
  return isGoverned ? rightText(roles, 'read', type, field.name) : null;
}

function demandText(roles: readonly RoleDefinition[], demand: Demand): string {
  const { action, subject, writes } = demand;
  if (writes === undefined) return rightText(roles, action, subject, demandedField(demand));
  const holders = roles.filter((role) => role.rules.some((rule) => isAbout(rule, action, subject, null)));
  return `Requires \`${action}\` on each field of ${subject} given; some held by: ${namesOf(holders.map(({ name }) => name))}.`;
}

function rightText(roles: readonly RoleDefinition[], action: string, subject: string, field: string): string {
  const holders = roles.flatMap((role) => {
    const rules = role.rules.filter((rule) => isAbout(rule, action, subject, field));
    return rules.length === 0 ? [] : [holderText(role.name, rules)];
  });
  const right = field === WHOLE || (field === 'id' && action === 'list') ? subject : `${subject}.${field}`;
  return `Requires \`${action}\` on ${right}; held by: ${namesOf(holders)}.`;
}

function isAbout(rule: Rule, action: string, subject: string, field: string | null): boolean {
  return (
    rule.effect === 'allow' &&
    rule.subject === subject &&
    rule.actions.includes(action) &&
    (field === null || rule.fields.includes(field) || rule.fields.includes(WHOLE))
  );
}

function holderText(role: string, rules: readonly Rule[]): string {
  if (rules.some((rule) => rule.conditions === undefined)) return role;
  return rules.some((rule) => isOwnership(rule.conditions)) ? `${role} (own)` : `${role} (some)`;
}

/** A condition that a field be the principal, and nothing else. */
function isOwnership(conditions: unknown): boolean {
  return /^\{"[A-Za-z]+":"\{\{principal\.id\}\}"\}$/.test(canonical(conditions));
}

function namesOf(names: readonly string[]): string {
  return names.length === 0 ? 'nobody' : names.join(', ');
}
