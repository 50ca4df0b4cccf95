import type { CompiledRule } from './compiledRule.js';
import type { Decision } from './decision.js';
import { allOf, anyOf, type Filter, noneOf } from './filterCondition.js';
import type { LegPlan } from './leg.js';
import type { Facts } from './placeholder.js';

/** Everything that decides one (action, subject, field): the rules of each leg, and the answer where it is settled. */
export interface Plan {
  /** The answer whatever the object, the session and the time; null where it depends on them. */
  readonly settled: Decision | null;
  /** The legs that are not settled; of a plan that is settled, none. */
  readonly open: readonly LegPlan[];
  readonly legs: readonly LegPlan[];
  /** The allow of the user's leg where that is settled: what is answered once the open legs agree. */
  readonly allowed: Decision | null;
}

/** A plan and the sight of the object that it presupposes; null where that is no question of its own. */
export interface FullPlan {
  readonly right: Plan;
  readonly sight: Plan | null;
}

/** Puts the legs' plans together: a right must stand in each. */
export function joinLegs(legs: readonly LegPlan[]): Plan {
  const refusing = legs.find((leg) => leg.outcome === 'never');
  if (refusing !== undefined) return { settled: refusing.refusal, open: [], legs, allowed: null };
  const open = legs.filter((leg) => leg.outcome === 'conditional');
  const allowed = allowing(legs[0]);
  return { settled: open.length === 0 ? allowed : null, open, legs, allowed };
}

function allowing(user: LegPlan | undefined): Decision | null {
  return user?.allows.find((rule) => rule.isAbsolute)?.allowed ?? null;
}

/** `facts[0]` are the principal's, `facts[1]` its actor's. A refusal that a step-up would lift comes last. */
export function judge(plan: Plan, object: object | null, facts: readonly Facts[]): Decision {
  if (plan.settled !== null) return plan.settled;
  let { allowed } = plan;
  let stepUp: Decision | null = null;
  for (const leg of plan.open) {
    const decision = judgeLeg(leg, object, factsOf(leg, facts));
    if (decision.code === 'FORBIDDEN') return decision;
    if (decision.code === 'STEP_UP_REQUIRED') stepUp ??= decision;
    else if (leg === plan.legs[0]) allowed = decision;
  }
  return stepUp ?? allowed ?? refusalOf(plan);
}

/** The right to the act and the sight of the object that it presupposes, together. */
export function judgeFully(
  { right, sight }: FullPlan,
  action: string,
  object: object | null,
  facts: readonly Facts[],
): Decision {
  const own = right.settled ?? judge(right, object, facts);
  if (sight === null || own.code === 'FORBIDDEN') return own;
  // An act on the whole type has no object that could be out of sight.
  if (object === null && action !== 'read') return own;
  const seen = judge(sight, object, facts);
  // A step-up is offered only where it would help, and never for what no step-up brings into sight.
  return seen.allowed || (seen.code === 'STEP_UP_REQUIRED' && !own.allowed) ? own : seen;
}

/** The documents on which `judge` allows. */
export function filterOfPlan(plan: Plan, facts: readonly Facts[]): Filter {
  if (plan.settled !== null) return plan.settled.allowed;
  return allOf(plan.open.map((leg) => filterOfLeg(leg, factsOf(leg, facts))));
}

/** Whether every document that this plan allows is one that the other allows, seen from the rules alone. */
export function implies(plan: Plan, other: Plan): boolean {
  return plan.legs.every((leg, index) => {
    const wide = other.legs[index];
    if (wide === undefined || wide.outcome === 'never') return false;
    return (
      (wide.allows.some((rule) => rule.isAbsolute) || isWithin(leg.allows, wide.allows)) &&
      isWithin(wide.denies, leg.denies)
    );
  });
}

/** In a set: a leg may hold thousands of rules that speak of one field. */
function isWithin(some: readonly CompiledRule[], all: readonly CompiledRule[]): boolean {
  if (some.length === 0) return true;
  const known = new Set(all);
  return some.every((rule) => known.has(rule));
}

function judgeLeg(leg: LegPlan, object: object | null, facts: Facts): Decision {
  let stepUp: CompiledRule | null = null;
  for (const rule of leg.denies) {
    if (!rule.speaksOf(object, facts)) continue;
    if (rule.rule.requires === undefined) return rule.refused;
    if (!rule.isMet(facts)) stepUp ??= rule;
  }
  let lifted: CompiledRule | null = null;
  for (const rule of leg.allows) {
    if (!rule.speaksOf(object, facts)) continue;
    if (rule.isMet(facts)) return stepUp?.stepUp ?? rule.allowed;
    lifted ??= rule;
  }
  return lifted === null ? leg.refusal : (stepUp ?? lifted).stepUp;
}

function filterOfLeg(leg: LegPlan, facts: Facts): Filter {
  const allowed = anyOf(leg.allows.map((rule) => rule.filter(facts)));
  const denied = anyOf(leg.denies.map((rule) => rule.filter(facts)));
  return allOf([allowed, noneOf(denied)]);
}

/** The facts that a leg's placeholders take. */
export function factsOf(leg: LegPlan, facts: readonly Facts[]): Facts {
  const own = facts[leg.leg.depth];
  if (own === undefined) throw new Error(`no facts for the ${leg.leg.leg} leg`);
  return own;
}

function refusalOf(plan: Plan): Decision {
  const [first] = plan.legs;
  if (first === undefined) throw new Error('a plan without a leg');
  return first.refusal;
}
