import { expect } from 'chai';
import * as fc from 'fast-check';
import { Query } from 'mingo';
import { createAccess } from '../../src/policies/access.js';
import type { Access, Leg } from '../../src/policies/decision.js';
import type { Principal } from '../../src/policies/principal.js';
import type { Policy } from '../../src/policies/rule.js';
import { holds } from './property.js';
import { CATALOG, FIELDS, NOW, policies, policyOf, principals, sampleDocuments } from './universe.js';

const OBJECTS = sampleDocuments(40);
const questions = fc.record({
  policy: policies,
  who: principals,
  actor: principals,
  actorBefore: fc.option(principals, { nil: null, freq: 2 }),
  ceiling: fc.option(fc.subarray(['s0', 's1']), { nil: null, freq: 2 }),
  action: fc.constantFrom('read', 'list', 'update', 'lock'),
  field: fc.constantFrom('id', ...FIELDS, '*'),
});
type Question = typeof questions extends fc.Arbitrary<infer T> ? T : never;

function wholeOf({ policy, who, actor, actorBefore, ceiling }: Question): Access {
  const acting: Principal = { ...actor, token: null, actor: actorBefore && { ...actorBefore, token: null } };
  const options = ceiling === null ? {} : { clientScopes: ceiling };
  return createAccess(policy, CATALOG, { ...who, actor: acting }, NOW, options);
}

/** Somebody with nothing but roles: one leg by itself. */
const alone = (policy: Policy, who: Principal) =>
  createAccess(policy, CATALOG, { ...who, token: null, actor: null }, NOW);

/** What scopes let through of everything, told by a role for each scope. */
function scopesAlone({ policy, who }: Question, scopes: readonly string[]): Access {
  const roles = [...policy.scopes.values()].map((scope) => ({ ...scope, inherits: [], builtIn: false }));
  return alone(policyOf(roles), { ...who, roles: [...scopes] });
}

function legsOf(question: Question): readonly { leg: Leg; access: Access }[] {
  const { policy, who, actor, actorBefore, ceiling } = question;
  return [
    { leg: 'user', access: alone(policy, who) },
    ...(who.token ? [{ leg: 'scope', access: scopesAlone(question, who.token.scopes) } as const] : []),
    ...(ceiling ? [{ leg: 'client', access: scopesAlone(question, ceiling) } as const] : []),
    { leg: 'actor', access: alone(policy, actor) },
    ...(actorBefore ? [{ leg: 'actor', access: alone(policy, actorBefore) } as const] : []),
  ];
}

describe('the right of somebody for whom others act', function () {
  this.timeout(180_000);

  it('is what the user, the scopes, the client and every actor may each by themselves, no more and no less', () => {
    const seen = { allowed: 0, byActor: 0 };
    return holds(
      fc.property(questions, (question) => {
        const { action, field } = question;
        const whole = wholeOf(question);
        const legs = legsOf(question);
        for (const thing of OBJECTS) {
          const refusing = legs.filter(({ access }) => !access.decide(action, 'Thing', thing, field).allowed);
          const { allowed } = whole.decide(action, 'Thing', thing, field);
          expect(allowed).to.equal(refusing.length === 0);
          if (allowed) seen.allowed += 1;
          if (refusing.length > 0 && refusing.every(({ leg }) => leg === 'actor')) seen.byActor += 1;
        }
      }),
    ).then(() => expect(Math.min(seen.allowed, seen.byActor)).to.be.greaterThan(100));
  });

  it('names in decision and explanation a leg that refuses by itself', () => {
    let actors = 0;
    return holds(
      fc.property(questions, fc.constantFrom(...OBJECTS), (question, thing) => {
        const { action, field } = question;
        const { decision } = wholeOf(question).explain(action, 'Thing', thing, field);
        if (decision.allowed) return;
        const refusing = legsOf(question).filter(
          ({ access }) => !access.decide(action, 'Thing', thing, field).allowed,
        );
        expect(refusing.map(({ leg }) => leg)).to.include(decision.leg);
        if (decision.leg === 'actor') actors += 1;
      }),
    ).then(() => expect(actors).to.be.greaterThan(20));
  });

  it('is a filter of lists too: what it finds is what may be decided upon', () =>
    holds(
      fc.property(questions, (question) => {
        const { action, field } = question;
        const whole = wholeOf(question);
        const found = new Query(whole.filter(action, 'Thing', field));
        for (const thing of OBJECTS) {
          expect(found.test(thing)).to.equal(whole.decide(action, 'Thing', thing, field).allowed);
        }
      }),
    ));
});
