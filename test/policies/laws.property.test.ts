import { expect } from 'chai';
import * as fc from 'fast-check';
import { Query } from 'mingo';
import { createAccess } from '../../src/policies/access.js';
import type { Access } from '../../src/policies/decision.js';
import type { Principal } from '../../src/policies/principal.js';
import type { Policy, Rule } from '../../src/policies/rule.js';
import { holds } from './property.js';
import {
  CATALOG,
  documents,
  FIELDS,
  NOW,
  policies,
  policyOf,
  principals,
  rules,
  sampleDocuments,
} from './universe.js';

const DOCUMENTS = sampleDocuments(60);
const ACTIONS = ['read', 'list', 'update', 'lock'];
const fields = fc.constantFrom('id', ...FIELDS, '*');
const actions = fc.constantFrom(...ACTIONS);

const accessOf = (policy: Policy, principal: Principal) => createAccess(policy, CATALOG, principal, NOW);

/** Ids of the sample on which it is allowed. */
function allowed(access: Access, action: string, field: string): ReadonlySet<string> {
  const ids = DOCUMENTS.filter((thing) => access.decide(action, 'Thing', thing, field).allowed);
  return new Set(ids.map(({ _id }) => _id));
}

/** The policy with one more rule in the role that every other inherits. */
function withRule(policy: Policy, rule: Rule): Policy {
  return policyOf(
    [...policy.roles.values()].map((role) =>
      role.name === 'base' ? { ...role, rules: [...role.rules, { ...rule, id: 'more' }] } : role,
    ),
    [...policy.scopes.values()],
  );
}

function isWithin(part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean {
  return [...part].every((id) => whole.has(id));
}

describe('the laws of policies', function () {
  this.timeout(180_000);

  it('an allow never takes a right away', () =>
    holds(
      fc.property(
        policies,
        principals,
        rules('allow'),
        actions,
        fields,
        (policy, who, rule, action, field) => {
          const before = allowed(accessOf(policy, who), action, field);
          expect(isWithin(before, allowed(accessOf(withRule(policy, rule), who), action, field))).to.equal(
            true,
          );
        },
      ),
    ));

  it('a deny never gives a right', () =>
    holds(
      fc.property(
        policies,
        principals,
        rules('deny'),
        actions,
        fields,
        (policy, who, rule, action, field) => {
          const before = allowed(accessOf(policy, who), action, field);
          expect(isWithin(allowed(accessOf(withRule(policy, rule), who), action, field), before)).to.equal(
            true,
          );
        },
      ),
    ));

  it('a deny without conditions beats every allow', () =>
    holds(
      fc.property(
        policies,
        principals,
        rules('deny'),
        (policy, who, { conditions: _c, requires: _r, ...deny }) => {
          const access = accessOf(withRule(policy, deny), { ...who, roles: ['base', ...who.roles] });
          for (const action of deny.actions) {
            for (const field of deny.fields) {
              expect(allowed(access, action, field).size).to.equal(0);
              expect(access.mayEver(action, 'Thing', field)).to.equal(false);
            }
          }
        },
      ),
    ));

  it('a leg only ever narrows', () =>
    holds(
      fc.property(policies, principals, principals, actions, fields, (policy, who, other, action, field) => {
        const bare = { ...who, token: null };
        const whole = allowed(accessOf(policy, bare), action, field);
        const scoped = { ...who, token: { jti: '', clientId: '', scopes: ['s0'], audience: [] } };
        expect(isWithin(allowed(accessOf(policy, scoped), action, field), whole)).to.equal(true);
        const delegated = { ...bare, actor: other };
        expect(isWithin(allowed(accessOf(policy, delegated), action, field), whole)).to.equal(true);
        const ceiling = createAccess(policy, CATALOG, bare, NOW, { clientScopes: ['s1'] });
        expect(isWithin(allowed(ceiling, action, field), whole)).to.equal(true);
      }),
    ));

  it('a stronger session never loses a right', () =>
    holds(
      fc.property(policies, principals, actions, fields, (policy, who, action, field) => {
        const before = allowed(accessOf(policy, who), action, field);
        const session = { id: 's', acr: 'phr', amr: [], authTimeSeconds: NOW.getTime() / 1000 };
        expect(isWithin(before, allowed(accessOf(policy, { ...who, session }), action, field))).to.equal(
          true,
        );
      }),
    ));

  it('STEP_UP_REQUIRED is said exactly where the strongest session would be allowed', () =>
    holds(
      fc.property(policies, principals, actions, fields, (policy, who, action, field) => {
        const session = { id: 's', acr: 'phr', amr: [], authTimeSeconds: NOW.getTime() / 1000 };
        const strongest = accessOf(policy, { ...who, session });
        const access = accessOf(policy, who);
        for (const thing of DOCUMENTS) {
          const decision = access.decide(action, 'Thing', thing, field);
          const lifted = strongest.decide(action, 'Thing', thing, field);
          expect(decision.code === 'STEP_UP_REQUIRED').to.equal(!decision.allowed && lifted.allowed);
          expect(decision.requirement !== null).to.equal(decision.code === 'STEP_UP_REQUIRED');
        }
      }),
    ));

  it('nothing but a read of its id can be done to an object out of sight', () =>
    holds(
      fc.property(policies, principals, actions, fields, (policy, who, action, field) => {
        const access = accessOf(policy, who);
        expect(isWithin(allowed(access, action, field), allowed(access, 'read', 'id'))).to.equal(true);
      }),
    ));

  it('an update that is let through starts and ends inside its condition', () =>
    holds(
      fc.property(
        policies,
        principals,
        fc.constantFrom(...DOCUMENTS),
        documents,
        fc.subarray(FIELDS, { minLength: 1 }),
        (policy, who, before, change, written) => {
          const access = accessOf(policy, who);
          const after = { ...before, ...change };
          const refused = access.refusedFields('update', 'Thing', before, after, written);
          // Somebody who sees everything: what is left of the filter is the right to update alone.
          const seesAll = rightAlone(policy, who);
          for (const field of written) {
            const inside = new Query(seesAll.filter('update', 'Thing', field));
            const starts = access.decide('update', 'Thing', before, field).allowed;
            expect(refused.has(field)).to.equal(!(starts && inside.test(after)));
          }
        },
      ),
    ));

  it('a role that is covered gives nothing that the one who hands it on does not have', () => {
    let covered = 0;
    return holds(
      fc.property(policies, principals, fc.constantFrom('base', 'middle', 'top'), (policy, who, granted) => {
        const access = accessOf(policy, { ...who, token: null });
        const { rules: own } = policy.roles.get(granted) ?? { rules: [] };
        const inherited = ['base', 'middle', 'top']
          .slice(0, ['base', 'middle', 'top'].indexOf(granted))
          .flatMap((name) => policy.roles.get(name)?.rules ?? []);
        if (access.firstUncovered([...own, ...inherited]) !== null) return;
        covered += 1;
        const receiver = accessOf(policy, { ...who, roles: [granted], token: null });
        for (const action of ACTIONS) {
          for (const field of FIELDS) {
            expect(isWithin(allowed(receiver, action, field), allowed(access, action, field))).to.equal(true);
          }
        }
      }),
    ).then(() => expect(covered).to.be.greaterThan(100));
  });

  it('the order of roles and of rules makes no difference', () =>
    holds(
      fc.property(policies, principals, actions, fields, (policy, who, action, field) => {
        const turned = policyOf(
          [...policy.roles.values()].reverse().map((role) => ({ ...role, rules: [...role.rules].reverse() })),
          [...policy.scopes.values()],
        );
        const reversed = { ...who, roles: [...who.roles].reverse() };
        expect([...allowed(accessOf(turned, reversed), action, field)]).to.deep.equal([
          ...allowed(accessOf(policy, who), action, field),
        ]);
      }),
    ));
});

/** The same rights, for somebody to whom no object is out of sight. */
function rightAlone(policy: Policy, who: Principal): Access {
  const see: Rule = { id: 'see', effect: 'allow', actions: ['read'], subject: 'Thing', fields: ['id'] };
  const open = (list: readonly Rule[]) => [...list.map(withoutRead), see];
  return accessOf(
    policyOf(
      [...policy.roles.values()].map((role) => ({ ...role, rules: open(role.rules) })),
      [...policy.scopes.values()].map((scope) => ({ ...scope, rules: open(scope.rules) })),
    ),
    who,
  );
}

function withoutRead(rule: Rule): Rule {
  const actions = rule.actions.filter((action) => action !== 'read');
  return { ...rule, actions: actions.length === 0 ? ['list'] : actions };
}
