import { type Catalog, WHOLE } from './catalog.js';
import type { CompiledRule } from './compiledRule.js';
import type { CompiledLeg } from './leg.js';
import { isAtLeast } from './requirement.js';
import type { Rule } from './rule.js';

/**
 * The first of the allows among `rules` that is not had in full in every leg, or null. Decided from the rules alone,
 * so it may refuse a right that is had in a roundabout way and never passes one that is not had.
 */
export function firstUncovered(
  legs: readonly CompiledLeg[],
  catalog: Catalog,
  rules: readonly Rule[],
): Rule | null {
  const denies = rules.filter((rule) => rule.effect === 'deny');
  const allows = rules.filter((rule) => rule.effect === 'allow');
  return (
    allows.find((rule) =>
      rule.actions.some((action) =>
        fieldsOf(catalog, rule).some((field) =>
          legs.some((leg) => !legCovers(leg, rule, action, field, denies)),
        ),
      ),
    ) ?? null
  );
}

function fieldsOf(catalog: Catalog, rule: Rule): readonly string[] {
  if (!rule.fields.includes(WHOLE)) return rule.fields;
  return [WHOLE, ...(catalog.subjects.get(rule.subject)?.fields.keys() ?? [])];
}

function legCovers(
  leg: CompiledLeg,
  rule: Rule,
  action: string,
  field: string,
  granted: readonly Rule[],
): boolean {
  const { allows, denies } = leg.plan(action, rule.subject, field);
  return (
    allows.some((own) => isAtLeastAsWide(own, rule)) &&
    denies.every((own) => granted.some((deny) => deniesAsMuch(deny, own.rule, action, field)))
  );
}

function isAtLeastAsWide(own: CompiledRule, rule: Rule): boolean {
  const conditionHolds = own.rule.conditions === undefined || sameConditions(own.rule, rule);
  const requirementHolds =
    own.rule.requires === undefined || isAtLeast(rule.requires ?? {}, own.rule.requires);
  return conditionHolds && requirementHolds;
}

/** What is denied to the granter must be denied to whoever receives the right. */
function deniesAsMuch(deny: Rule, own: Rule, action: string, field: string): boolean {
  return (
    deny.subject === own.subject &&
    deny.actions.includes(action) &&
    (deny.fields.includes(field) || deny.fields.includes(WHOLE)) &&
    (deny.conditions === undefined || sameConditions(deny, own)) &&
    (deny.requires === undefined || (own.requires !== undefined && isAtLeast(deny.requires, own.requires)))
  );
}

function sameConditions(left: Rule, right: Rule): boolean {
  return left.conditions !== undefined && canonical(left.conditions) === canonical(right.conditions);
}

/** JSON whose objects have their keys in order. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? 'null'
  );
}
