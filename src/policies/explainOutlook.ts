import type { Outlook } from './decision.js';
import type { FullPlan, Plan } from './plan.js';

/**
 * What the rules say of a right before there is an object: `always` and `never` hold of every object and session,
 * `conditional` depends on them. Lists the allows that may give it and the denies that may take it.
 */
export function outlookOf({ right, sight }: FullPlan): Outlook {
  const plans = sight === null ? [right] : [right, sight];
  if (plans.some((plan) => plan.settled?.allowed === false)) return { outcome: 'never', rules: [] };
  const outcome = plans.every((plan) => plan.settled?.allowed === true) ? 'always' : 'conditional';
  return { outcome, rules: rulesOf(right) };
}

function rulesOf(plan: Plan): Outlook['rules'] {
  return plan.legs.flatMap((leg) =>
    [...leg.denies, ...leg.allows].map(({ id, rule }) => ({ leg: leg.leg.leg, ruleId: id, rule })),
  );
}
