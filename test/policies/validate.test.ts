import { expect } from 'chai';
import type { RoleDefinition, Rule } from '../../src/policies/rule.js';
import { validateRoles, validateRule, validateScopes } from '../../src/policies/validate.js';
import { CATALOG } from './universe.js';

const RULE: Rule = { id: 'r', effect: 'allow', actions: ['read'], subject: 'Thing', fields: ['id'] };
const role = (name: string, inherits: string[] = [], rules: Rule[] = []): RoleDefinition => ({
  name,
  description: '',
  inherits,
  rules,
  builtIn: false,
});
const lines = (faults: readonly { path: readonly (string | number)[]; message: string }[]) =>
  faults.map(({ path, message }) => `${path.join('.')}: ${message}`);
const faultsOf = (over: Partial<Rule>) => lines(validateRule(CATALOG, { ...RULE, ...over }));

describe('validateRule', () => {
  it('passes a rule whose every name is known', () => {
    const conditions = { owner: '{{principal.id}}' };
    expect(
      faultsOf({ actions: ['read', 'lock'], fields: ['*'], conditions, requires: { acr: 'aal2' } }),
    ).to.deep.equal([]);
  });

  const refused: [string, Partial<Rule>, string][] = [
    ['an unknown type', { subject: 'Thign' }, 'subject: unknown type Thign'],
    ['an unknown action', { actions: ['read', 'unlock'] }, 'actions.1: unknown action unlock'],
    ['the wildcards of CASL', { actions: ['manage'] }, 'actions.0: unknown action manage'],
    ['no action', { actions: [] }, 'actions: must name at least one action'],
    ['no field, which CASL would read as all', { fields: [] }, 'fields: must name at least one field'],
    ['an unknown field', { fields: ['id', 'nmae'] }, 'fields.1: unknown field nmae'],
    [
      'a fault in its conditions',
      { conditions: { age: 'x' } },
      'conditions.age: the string "x" cannot be compared with a number',
    ],
    [
      'an unknown level',
      { requires: { acr: 'gold' } },
      'requires.acr: unknown level gold, known are aal1, aal2, phr',
    ],
    [
      'an age of nothing',
      { requires: { maxAgeSeconds: 0 } },
      'requires.maxAgeSeconds: must be a whole number above 0',
    ],
    ['a requirement of nothing', { requires: {} }, 'requires: requires nothing'],
    [
      'an id that a decision could not name',
      { id: 'a/b' },
      'id: must be a letter, then letters, digits and : . _ -, at most 64',
    ],
  ];
  for (const [what, over, fault] of refused) {
    it(`refuses ${what}`, () => {
      expect(faultsOf(over)).to.deep.equal([fault]);
    });
  }
});

describe('validateRoles', () => {
  it('refuses a cycle of any length and names it', () => {
    const faults = lines(validateRoles(CATALOG, [role('a', ['b']), role('b', ['c']), role('c', ['a'])]));
    expect(faults).to.include('0.inherits: inherits itself: a > b > c > a');
    expect(lines(validateRoles(CATALOG, [role('a', ['a'])]))).to.deep.equal([
      '0.inherits: inherits itself: a > a',
    ]);
  });

  it('passes a diamond', () => {
    const diamond = [role('a', ['b', 'c']), role('b', ['d']), role('c', ['d']), role('d')];
    expect(validateRoles(CATALOG, diamond)).to.deep.equal([]);
  });

  it('refuses unknown parents, two roles of one name, two rules of one id and names out of form', () => {
    const faults = lines(
      validateRoles(CATALOG, [role('a', ['x']), role('a'), role('b', [], [RULE, RULE]), role('Admin!')]),
    );
    expect(faults).to.have.members([
      '0.name: there are two roles a',
      '0.inherits.0: unknown role x',
      '2.rules.1.id: there are two rules r',
      '3.name: must be a lower-case letter, then lower-case letters, digits and : _ -, at most 64',
    ]);
  });

  it('says where in which role a fault is', () => {
    const faults = validateRoles(CATALOG, [
      role('a'),
      role('b', [], [RULE, { ...RULE, id: 's', fields: ['x'] }]),
    ]);
    expect(lines(faults)).to.deep.equal(['1.rules.1.fields.0: unknown field x']);
  });
});

describe('validateScopes', () => {
  it('refuses two scopes of one name and faults in rules', () => {
    const scope = { name: 's', description: '', rules: [{ ...RULE, subject: 'X' }] };
    expect(lines(validateScopes(CATALOG, [scope, { ...scope, rules: [] }]))).to.deep.equal([
      '0.rules.0.subject: unknown type X',
      '1.name: there are two scopes s',
    ]);
  });
});
