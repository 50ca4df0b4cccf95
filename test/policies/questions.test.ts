import { expect } from 'chai';
import * as fc from 'fast-check';
import { Query } from 'mingo';
import { createAccess } from '../../src/policies/access.js';
import { candidates, grantsOf, readingOf, rightsOf, usualField } from '../../src/policies/questions.js';
import type { Rule } from '../../src/policies/rule.js';
import { holds } from './property.js';
import { CATALOG, FIELDS, NOW, policies, policyOf, principals, sampleDocuments } from './universe.js';

const DOCUMENTS = sampleDocuments(60);
const actions = fc.constantFrom('read', 'list', 'update', 'lock');
const fields = fc.constantFrom('id', ...FIELDS, '*');
const OWN: Rule = {
  id: 'own',
  effect: 'allow',
  actions: ['read'],
  subject: 'Thing',
  fields: ['id', 'name'],
  conditions: { owner: '{{principal.id}}' },
};

describe('questions', function () {
  this.timeout(180_000);

  it('look for the holders of a right where every one of them is found', () => {
    let found = 0;
    return holds(
      fc.property(
        policies,
        principals,
        actions,
        fields,
        fc.constantFrom(...DOCUMENTS),
        (given, who, action, field, object) => {
          const policy = policyOf(
            [...given.roles.values()].map((role) => ({ ...role, rules: [...role.rules, OWN] })),
          );
          const access = createAccess(policy, CATALOG, { ...who, token: null }, NOW);
          if (access.decide(action, 'Thing', object, field).code === 'FORBIDDEN' || who.id === null) return;
          found += 1;
          const grants = grantsOf(policy, action, 'Thing', field);
          const query = new Query({ $or: grants.map((grant) => candidates(CATALOG, grant, object)) });
          const user = { _id: who.id, roleAssignments: who.roles.map((role) => ({ role })) };
          expect(query.test(user)).to.equal(true);
        },
      ),
    ).then(() => expect(found).to.be.greaterThan(100));
  });

  it('look for one user where the rule is about the own object', () => {
    const policy = policyOf([
      { name: 'base', description: '', inherits: [], rules: [OWN], builtIn: false },
      { name: 'top', description: '', inherits: ['base'], rules: [], builtIn: false },
    ]);
    const grants = grantsOf(policy, 'read', 'Thing', 'name');
    expect(grants.map(({ role, ruleId }) => [role, ruleId])).to.deep.equal([
      ['base', 'base/own'],
      ['top', 'base/own'],
    ]);
    const queries = grants.map((grant) => candidates(CATALOG, grant, { _id: 'o', ownerId: 'u1' }));
    expect(queries[1]).to.deep.equal({ 'roleAssignments.role': 'top', _id: { $in: ['u1'] } });
    expect(grants.map((grant) => candidates(CATALOG, grant, null))[0]).to.deep.equal({
      'roleAssignments.role': 'base',
    });
  });

  it('list every right that could be, and none that could not', () =>
    holds(
      fc.property(policies, principals, (policy, who) => {
        const access = createAccess(policy, CATALOG, who, NOW);
        const rights = rightsOf(access).map(({ subject, action, field }) => `${action} ${subject}.${field}`);
        const expected = [...CATALOG.subjects].flatMap(([subject, known]) =>
          [...known.actions].flatMap((action) =>
            ['read', 'update', 'create'].includes(action)
              ? [...known.fields.keys()].map((field) => ({ subject, action, field }))
              : [{ subject, action, field: usualField(action) }],
          ),
        );
        const possible = expected.filter(({ subject, action, field }) =>
          access.mayEver(action, subject, field),
        );
        expect(rights).to.have.members(
          possible.map(({ subject, action, field }) => `${action} ${subject}.${field}`),
        );
      }),
    ));

  it('call a right ALWAYS only where it holds of every object', () =>
    holds(
      fc.property(policies, principals, actions, fields, (policy, who, action, field) => {
        const access = createAccess(policy, CATALOG, who, NOW);
        const { outcome } = access.outlook(action, 'Thing', field);
        if (outcome === 'conditional') return;
        for (const thing of DOCUMENTS) {
          const { allowed } = access.decide(action, 'Thing', thing, field);
          expect(allowed).to.equal(outcome === 'always');
        }
      }),
    ));

  it('keep of rules what they let be read', () => {
    const rule: Rule = { ...OWN, actions: ['read', 'update', 'list'] };
    expect(readingOf([rule, { ...OWN, actions: ['lock'] }])).to.deep.equal([
      { ...rule, actions: ['read', 'list'] },
    ]);
  });
});
