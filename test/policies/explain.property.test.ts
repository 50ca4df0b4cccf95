import { expect } from 'chai';
import * as fc from 'fast-check';
import { createAccess } from '../../src/policies/access.js';
import type { Decision, Explanation } from '../../src/policies/decision.js';
import type { Principal } from '../../src/policies/principal.js';
import type { Policy, Rule } from '../../src/policies/rule.js';
import { holds } from './property.js';
import { CATALOG, FIELDS, NOW, policies, policyOf, principals, sampleDocuments } from './universe.js';

const OBJECTS = [...sampleDocuments(40), null];
const questions = fc.record({
  policy: policies,
  who: principals,
  actor: fc.option(principals, { nil: null, freq: 3 }),
  ceiling: fc.option(fc.subarray(['s0', 's1']), { nil: undefined, freq: 3 }),
  action: fc.constantFrom('read', 'list', 'update', 'lock', 'create'),
  field: fc.constantFrom('id', ...FIELDS, '*'),
  object: fc.constantFrom(...OBJECTS),
});
type Question = typeof questions extends fc.Arbitrary<infer T> ? T : never;

const accessOf = (policy: Policy, { who, actor, ceiling }: Question) => {
  const principal: Principal = { ...who, actor };
  return createAccess(
    policy,
    CATALOG,
    principal,
    NOW,
    ceiling === undefined ? {} : { clientScopes: ceiling },
  );
};
const explanationOf = (question: Question, policy = question.policy): Explanation =>
  accessOf(policy, question).explain(question.action, 'Thing', question.object, question.field);

/** The policy with one rule changed; `null` takes it out. A role's and a scope's names differ here. */
function withRule(policy: Policy, ruleId: string, change: (rule: Rule) => Rule | null): Policy {
  const changed = <T extends { name: string; rules: readonly Rule[] }>(holder: T): T => ({
    ...holder,
    rules: holder.rules.flatMap((rule) =>
      `${holder.name}/${rule.id}` === ruleId ? (change(rule) ?? []) : rule,
    ),
  });
  return policyOf([...policy.roles.values()].map(changed), [...policy.scopes.values()].map(changed));
}

const outcomeOf = ({ code, leg, ruleId }: Decision) => ({ code, leg, ruleId });

describe('an explanation', function () {
  this.timeout(180_000);

  it('says what decide says', () =>
    holds(
      fc.property(questions, (question) => {
        const { action, object, field, policy } = question;
        const decision = accessOf(policy, question).decide(action, 'Thing', object, field);
        expect(explanationOf(question).decision).to.deep.equal(decision);
      }),
    ));

  it('names an allow whose removal refuses, or leaves another allow that it lists', () => {
    const seen = { refused: 0, allowed: 0 };
    return holds(
      fc.property(questions, (question) => {
        const { decision, rules, without } = explanationOf(question);
        if (!decision.allowed) return;
        const named = rules.find(({ ruleId }) => ruleId === decision.ruleId);
        expect(named).to.include({ effect: 'allow', counts: true, failing: null });
        const after = explanationOf(
          question,
          withRule(question.policy, decision.ruleId ?? '', () => null),
        ).decision;
        expect(without && outcomeOf(without)).to.deep.equal(outcomeOf(after));
        seen[after.allowed ? 'allowed' : 'refused'] += 1;
        if (!after.allowed) return;
        const others = rules.filter(({ effect, counts }) => effect === 'allow' && counts);
        expect(others.map(({ ruleId }) => ruleId)).to.include(after.ruleId);
        expect(after.ruleId).not.to.equal(decision.ruleId);
      }),
    ).then(() => expect(Math.min(seen.refused, seen.allowed)).to.be.greaterThan(20));
  });

  it('names, for a refusal by a rule, a rule whose removal allows, or the refusal that comes next', () => {
    const seen = { lifted: 0, next: 0 };
    return holds(
      fc.property(questions, (question) => {
        const { decision, rules, without } = explanationOf(question);
        if (decision.allowed || decision.ruleId === null) return;
        const named = rules.find(({ ruleId }) => ruleId === decision.ruleId);
        expect(named).to.include({
          failing: null,
          effect: decision.code === 'FORBIDDEN' ? 'deny' : named?.effect,
        });
        const after = explanationOf(
          question,
          withRule(question.policy, decision.ruleId, () => null),
        ).decision;
        expect(without && outcomeOf(without)).to.deep.equal(outcomeOf(after));
        seen[after.allowed ? 'lifted' : 'next'] += 1;
        if (!after.allowed) expect(outcomeOf(after)).not.to.deep.equal(outcomeOf(decision));
      }),
    ).then(() => expect(Math.min(seen.lifted, seen.next)).to.be.greaterThan(20));
  });

  it('shows, for a refusal without a rule, what each allow lacks: without the failing part it would count', () => {
    let candidates = 0;
    return holds(
      fc.property(questions, (question) => {
        const { decision, decidedBy, rules, without } = explanationOf(question);
        if (decision.allowed || decision.ruleId !== null) return;
        expect(without).to.equal(null);
        for (const { ruleId, effect, counts, failing, conditions } of rules) {
          if (effect === 'deny') continue;
          candidates += 1;
          expect(counts).to.equal(false);
          expect(failing).not.to.equal(null);
          const relaxed = withRule(question.policy, ruleId, (rule) => lessening(rule, failing));
          const after = explanationOf(question, relaxed);
          const same = after.rules.find((rule) => rule.ruleId === ruleId);
          // Another leg may refuse first, or the right stand and the sight fail; else the rule now speaks.
          if (after.decision.leg !== decision.leg || after.decidedBy !== decidedBy || same === undefined)
            continue;
          expect(same.failing, JSON.stringify({ conditions, failing })).to.equal(null);
        }
      }),
    ).then(() => expect(candidates).to.be.greaterThan(100));
  });
});

/** The rule without the entries of its conditions that failed. */
function lessening({ conditions, ...rule }: Rule, failing: object | null): Rule {
  const gone = new Set(entriesOf(failing ?? {}).map((entry) => JSON.stringify(entry)));
  const kept = entriesOf(conditions ?? {}).filter((entry) => !gone.has(JSON.stringify(entry)));
  return kept.length === 0 ? rule : { ...rule, conditions: { $and: kept } };
}

function entriesOf(conditions: object): object[] {
  return Object.entries(conditions).flatMap(([key, value]) =>
    key === '$and' ? (value as object[]).flatMap(entriesOf) : [{ [key]: value as unknown }],
  );
}
