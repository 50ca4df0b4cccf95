import type { Decision, Explanation, RuleJudgement } from '../../policies/decision.js';
import type { Requirement } from '../../policies/rule.js';
import type { Asked } from '../guard/asked.js';

/** A decision with its reasons, as those read it who may have it explained. */
export interface DescribedDecision {
  readonly effect: 'ALLOW' | 'DENY';
  readonly code: Decision['code'];
  readonly action: string;
  readonly type: string;
  readonly field: string;
  readonly policyVersion: number;
  readonly leg: Decision['leg'];
  readonly ruleId: string | null;
  readonly decidedBy: Explanation['decidedBy'];
  /**
   * Of a refusal: the conditions of the deny that refuses, or where no rule allows, what fails of the first allow that
   * speaks of the question. Null for an allow, and where a condition is not the reason.
   */
  readonly failingCondition: object | null;
  readonly remedy: string | null;
  readonly requirement: Requirement | null;
  readonly rules: readonly RuleJudgement[];
  /** What would stand without the rule. */
  readonly withoutRule: Pick<Decision, 'code' | 'leg' | 'ruleId'> | null;
}

export function describe(
  { action, subject, field }: Pick<Asked, 'action' | 'subject' | 'field'>,
  { decision, decidedBy, rules, without }: Explanation,
): DescribedDecision {
  const { allowed, code, policyVersion, leg, ruleId, remedy, requirement } = decision;
  return {
    effect: allowed ? 'ALLOW' : 'DENY',
    code,
    action,
    type: subject,
    field,
    policyVersion,
    leg,
    ruleId,
    decidedBy,
    failingCondition: failingCondition(decision, rules),
    remedy,
    requirement,
    rules,
    withoutRule: without && { code: without.code, leg: without.leg, ruleId: without.ruleId },
  };
}

function failingCondition(decision: Decision, rules: readonly RuleJudgement[]): object | null {
  if (decision.allowed) return null;
  if (decision.ruleId === null) return rules.find(({ effect }) => effect === 'allow')?.failing ?? null;
  return (
    rules.find(({ ruleId, effect }) => effect === 'deny' && ruleId === decision.ruleId)?.conditions ?? null
  );
}
