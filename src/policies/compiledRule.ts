import type { Catalog } from './catalog.js';
import type { Condition } from './condition.js';
import { parseConditions } from './conditions.js';
import type { Decision, Leg } from './decision.js';
import { allOf, type Filter, filterOfCondition } from './filterCondition.js';
import { compileMatcher, type Matcher } from './matchCondition.js';
import type { Facts } from './placeholder.js';
import { describeRequirement, isMet } from './requirement.js';
import type { Rule } from './rule.js';

/** The case that a rule is held against. */
export interface Case {
  readonly object: object;
  readonly facts: Facts;
}

/** One rule, ready to judge. What it cannot read (a field of another release) makes an allow never match and a deny always. */
export interface CompiledRule {
  readonly rule: Rule;
  /** `moderator/readUsers`: unique in a policy. */
  readonly id: string;
  readonly matcher: Matcher | null;
  readonly condition: Condition | null;
  /** For an allow whose conditions cannot be read. */
  readonly isVoid: boolean;
  readonly decisions: { readonly allowed: Decision; readonly refused: Decision; readonly stepUp: Decision };
}

/** `holder` is the role or scope that the rule stands in. */
export function compileRule(
  catalog: Catalog,
  leg: Leg,
  policyVersion: number,
  holder: string,
  rule: Rule,
): CompiledRule {
  const subject = catalog.subjects.get(rule.subject);
  const isAllow = rule.effect === 'allow';
  const condition =
    subject === undefined || rule.conditions === undefined
      ? null
      : parseConditions(subject, rule.conditions).condition;
  const id = `${holder}/${rule.id}`;
  const base = { leg, ruleId: id, policyVersion, requirement: null };
  const requirement = rule.requires ?? null;
  return {
    rule,
    id,
    condition,
    matcher: condition && compileMatcher(condition, !isAllow),
    isVoid: isAllow && rule.conditions !== undefined && condition === null,
    decisions: {
      allowed: { ...base, allowed: true, code: 'ALLOWED', remedy: null, leg: 'user' },
      refused: { ...base, allowed: false, code: 'FORBIDDEN', remedy: rule.reason ?? null },
      stepUp: {
        ...base,
        allowed: false,
        code: 'STEP_UP_REQUIRED',
        remedy: requirement && describeRequirement(requirement),
        requirement,
      },
    },
  };
}

/** Whether the rule speaks of the object; `object` null: a conditional allow does not, a conditional deny does. */
export function speaksOf(rule: CompiledRule, object: object | null, facts: Facts): boolean {
  if (rule.isVoid) return false;
  if (rule.matcher === null) return true;
  if (object === null) return rule.rule.effect === 'deny';
  return rule.matcher(object, facts);
}

/** Whether what the rule requires of the session holds. */
export function requirementIsMet(rule: CompiledRule, facts: Facts): boolean {
  return rule.rule.requires === undefined || isMet(rule.rule.requires, facts);
}

/** The documents that an allow lets through, or that a deny refuses, in this request. */
export function filterOfRule(rule: CompiledRule, facts: Facts): Filter {
  const isAllow = rule.rule.effect === 'allow';
  if (rule.isVoid) return false;
  if (rule.rule.requires !== undefined && isMet(rule.rule.requires, facts) !== isAllow) return false;
  return rule.condition === null ? true : allOf([filterOfCondition(rule.condition, facts, !isAllow)]);
}

/** An allow that asks nothing, or a deny that nothing lifts. */
export function isAbsolute(rule: CompiledRule): boolean {
  return rule.matcher === null && !rule.isVoid && rule.rule.requires === undefined;
}
