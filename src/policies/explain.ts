import type { CompiledRights } from './compile.js';
import type { CompiledRule } from './compiledRule.js';
import type { Decision, Explanation, RuleJudgement } from './decision.js';
import type { LegPlan } from './leg.js';
import type { Facts } from './placeholder.js';
import { type FullPlan, factsOf, judgeFully, type Plan } from './plan.js';

/** One question, and what it is decided by. */
export interface Question {
  readonly rights: CompiledRights;
  readonly facts: readonly Facts[];
  readonly action: string;
  readonly subject: string;
  readonly object: object | null;
  readonly field: string;
}

/**
 * The decision of `decide` with its reasons. It names the rule such that `without`, the answer that would stand if the
 * rule did not exist, is either another outcome, or names the rule that would then decide: for an allow another allow
 * of the user's leg, which is in `rules` and counts, for a refusal the next refusal. Where no rule is named, no allow
 * of the deciding leg counts: `rules` holds each with what it lacks.
 */
export function explain(question: Question): Explanation {
  const { rights, facts, action, subject, object, field } = question;
  const plan = rights.plan(action, subject, field);
  const decision = judgeFully(plan, action, object, facts);
  const right = judgeFully({ right: plan.right, sight: null }, action, object, facts);
  const decidedBy = right === decision || sameDecision(right, decision) ? 'right' : 'sight';
  const leg = decidingLeg(
    decidedBy === 'sight' ? (plan.sight ?? plan.right) : plan.right,
    decision,
    question,
  );
  const rules = [...leg.denies, ...leg.allows];
  const named = rules.find((rule) => rule.id === decision.ruleId);
  return {
    decision,
    decidedBy,
    rules: rules.map((rule) => judgementOf(rule, object, factsOf(leg, facts))),
    without: named === undefined ? null : judgeWithout(question, named),
  };
}

function judgeWithout(
  { rights, facts, action, subject, object, field }: Question,
  named: CompiledRule,
): Decision {
  const plan: FullPlan = rights.planWithout(named, action, subject, field);
  return judgeFully(plan, action, object, facts);
}

/** An allow is the user's; a refusal is of the first leg that makes it (an actor may act for an actor). */
function decidingLeg(plan: Plan, decision: Decision, { object, facts }: Question): LegPlan {
  const [user] = plan.legs;
  if (user === undefined) throw new Error('a plan without a leg');
  if (decision.allowed) return user;
  const makes = (leg: LegPlan) => {
    const settled = leg.outcome === 'never' ? leg.refusal : null;
    const alone: Plan = { settled, open: [leg], legs: [leg], allowed: null };
    const own = judgeFully({ right: alone, sight: null }, '', object, facts);
    return leg.leg.leg === decision.leg && sameDecision(own, decision);
  };
  return plan.legs.find(makes) ?? user;
}

function sameDecision(left: Decision, right: Decision): boolean {
  return left.code === right.code && left.leg === right.leg && left.ruleId === right.ruleId;
}

function judgementOf(rule: CompiledRule, object: object | null, facts: Facts): RuleJudgement {
  const { effect, conditions, requires } = rule.rule;
  const failing = rule.failingConditions(object, facts);
  const isMet = rule.isMet(facts);
  const speaks = failing === null;
  return {
    ruleId: rule.id,
    effect,
    counts: speaks && (rule.isAllow ? isMet : requires === undefined || !isMet),
    conditions: conditions ?? null,
    failing,
    unmet: requires === undefined || isMet ? null : requires,
  };
}
