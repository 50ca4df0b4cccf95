import { expect } from 'chai';
import type { CatalogSubject } from '../../src/policies/catalog.js';
import { parseConditions } from '../../src/policies/conditions.js';
import { filterOfCondition } from '../../src/policies/filterCondition.js';
import { compileMatcher } from '../../src/policies/matchCondition.js';
import type { Facts } from '../../src/policies/placeholder.js';
import { CATALOG, NOW } from './universe.js';

const THING = CATALOG.subjects.get('Thing') as CatalogSubject;

const facts = (over: Partial<Facts['principal']> = {}): Facts => ({
  now: NOW,
  principal: {
    kind: 'user',
    id: 'u1',
    roles: ['base'],
    attributes: {},
    session: null,
    token: null,
    actor: null,
    ...over,
  },
});

function faultsOf(conditions: unknown): string[] {
  return parseConditions(THING, conditions).faults.map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );
}

function matches(conditions: unknown, object: object, who = facts(), whenUnbound = false): boolean {
  const { condition } = parseConditions(THING, conditions);
  if (condition === null) throw new Error(faultsOf(conditions).join());
  return compileMatcher(condition, whenUnbound)(object, who);
}

function filter(conditions: unknown, who = facts(), whenUnbound = false): unknown {
  const { condition } = parseConditions(THING, conditions);
  return condition && filterOfCondition(condition, who, whenUnbound);
}

describe('conditions', () => {
  const refused: [string, unknown, string][] = [
    ['an unknown field', { nmae: 'a' }, 'conditions.nmae: unknown field nmae'],
    [
      'a field that is not stored',
      { computed: 'a' },
      'conditions.computed: computed is not stored, so no condition can name it',
    ],
    ['an unknown operator', { name: { $regex: 'a' } }, 'conditions.name.$regex: unknown operator $regex'],
    ['an operator on the whole object', { $where: 'true' }, 'conditions.$where: unknown operator $where'],
    ['a plain object for a value', { name: { a: 1 } }, 'conditions.name.a: expected an operator'],
    [
      'an unknown placeholder',
      { name: '{{principal.name}}' },
      'conditions.name: unknown placeholder {{principal.name}}',
    ],
    [
      'a placeholder inside a text',
      { name: 'x{{principal.id}}' },
      'conditions.name: unknown placeholder x{{principal.id}}',
    ],
    ['a number for a text', { name: 5 }, 'conditions.name: the number 5 cannot be compared with a string'],
    [
      'a text for a number',
      { age: { $gt: '5' } },
      'conditions.age.$gt: the string "5" cannot be compared with a number',
    ],
    [
      'a text that is no date',
      { born: { $lt: 'soon' } },
      'conditions.born.$lt: the string "soon" cannot be compared with a date',
    ],
    [
      'a day that no calendar has',
      { born: '2026-02-30' },
      'conditions.born: the string "2026-02-30" cannot be compared with a date',
    ],
    [
      'a time that means another moment on each machine',
      { born: '2026-03-01T12:00' },
      'conditions.born: the string "2026-03-01T12:00" cannot be compared with a date',
    ],
    ['now for a text', { name: '{{now}}' }, 'conditions.name: {{now}} cannot be compared with a string'],
    [
      'an id for a date',
      { born: '{{principal.id}}' },
      'conditions.born: {{principal.id}} cannot be compared with a date',
    ],
    [
      'a list of roles for one value',
      { name: '{{principal.roles}}' },
      'conditions.name: {{principal.roles}} cannot be compared with a string',
    ],
    [
      'one value for a list',
      { name: { $in: '{{principal.id}}' } },
      'conditions.name.$in: {{principal.id}} is no list of strings',
    ],
    ['a list without $in', { name: ['a'] }, 'conditions.name: a list cannot be compared with a string'],
    [
      'null in a list',
      { name: { $in: ['a', null] } },
      'conditions.name.$in.1: null cannot be compared with a string',
    ],
    ['null for a list field', { tags: null }, 'conditions.tags: a list cannot be compared with null'],
    [
      'an order of texts',
      { name: { $gt: 'a' } },
      'conditions.name.$gt: $gt orders numbers and dates, not strings',
    ],
    ['a value for an object', { blob: 'a' }, 'conditions.blob: holds no values that could be compared'],
    ['$exists of a text', { name: { $exists: 'yes' } }, 'conditions.name.$exists: must be true or false'],
    ['an empty $or', { $or: [] }, 'conditions.$or: must be a list that is not empty'],
    ['an empty condition', {}, 'conditions: is empty; leave conditions out where there are none'],
    ['no object', 'name', 'conditions: must be an object'],
    [
      'a fault deep inside',
      { $and: [{ name: 'a' }, { $nor: [{ age: { $not: { $lt: true } } }] }] },
      'conditions.$and.1.$nor.0.age.$not.$lt: the boolean true cannot be compared with a number',
    ],
  ];
  for (const [what, conditions, fault] of refused) {
    it(`refuses ${what}, with the path`, () => {
      expect(faultsOf(conditions)).to.deep.equal([fault]);
    });
  }

  it('names every fault at once', () => {
    expect(faultsOf({ nmae: 1, age: 'x', $or: [{ tagz: 1 }] })).to.have.length(3);
  });

  it('refuses nesting without end', () => {
    let deep: object = { name: 'a' };
    for (let level = 0; level < 20; level += 1) deep = { $and: [deep] };
    expect(faultsOf(deep)[0]).to.match(/nested deeper than 12 levels$/);
  });

  it('takes null for a missing field, as MongoDB does, and $exists apart', () => {
    expect(matches({ name: null }, {})).to.equal(true);
    expect(matches({ name: null }, { name: null })).to.equal(true);
    expect(matches({ name: { $exists: true } }, { name: null })).to.equal(true);
    expect(matches({ name: { $exists: false } }, {})).to.equal(true);
    expect(matches({ name: { $ne: null } }, { name: '' })).to.equal(true);
  });

  it('does not take one type for another', () => {
    expect(matches({ age: 1 }, { age: '1' })).to.equal(false);
    expect(matches({ age: { $gte: 0 } }, { age: null })).to.equal(false);
    expect(matches({ age: { $gte: 0 } }, { age: true })).to.equal(false);
    expect(matches({ born: { $lt: '{{now}}' } }, { born: '2020-01-01' })).to.equal(false);
    expect(matches({ born: { $lt: '{{now}}' } }, { born: new Date(0) })).to.equal(true);
  });

  it('never lets a stored value be read as an operator', () => {
    expect(filter({ owner: '{{principal.id}}' }, facts({ id: '{"$ne":null}' }))).to.deep.equal({
      ownerId: { $eq: '{"$ne":null}' },
    });
  });

  describe('with a placeholder that has no value', () => {
    const unset: [string, unknown][] = [
      ['equality', { name: '{{principal.attributes.department}}' }],
      ['inequality', { name: { $ne: '{{principal.attributes.department}}' } }],
      ['membership', { name: { $in: '{{principal.attributes.regions}}' } }],
      ['exclusion', { name: { $nin: '{{principal.attributes.regions}}' } }],
      ['a negation', { $nor: [{ name: '{{principal.attributes.department}}' }] }],
      ['a double negation', { $nor: [{ name: { $not: { $eq: '{{principal.attributes.department}}' } } }] }],
    ];
    for (const [what, conditions] of unset) {
      it(`${what} never matches for an allow, and always for a deny`, () => {
        for (const name of ['a', null, undefined]) {
          expect(matches(conditions, { name })).to.equal(false);
          expect(matches(conditions, { name }, facts(), true)).to.equal(true);
        }
        expect(filter(conditions)).to.equal(false);
        expect(filter(conditions, facts(), true)).to.equal(true);
      });
    }

    it('only the comparison that misses it is undecided', () => {
      const either = {
        $or: [{ owner: '{{principal.id}}' }, { name: '{{principal.attributes.department}}' }],
      };
      expect(matches(either, { ownerId: 'u1', name: 'a' })).to.equal(true);
      const both = { owner: '{{principal.id}}', name: '{{principal.attributes.department}}' };
      expect(matches(both, { ownerId: 'u2', name: 'a' }, facts(), true)).to.equal(false);
    });

    it('an attribute of another type counts as unset', () => {
      const who = facts({ attributes: { department: 5, regions: 'a' } });
      expect(matches({ name: '{{principal.attributes.department}}' }, { name: '5' }, who)).to.equal(false);
      expect(matches({ name: { $in: '{{principal.attributes.regions}}' } }, { name: 'a' }, who)).to.equal(
        false,
      );
    });

    it('nothing is inherited from the prototype', () => {
      expect(matches({ name: { $ne: '{{principal.attributes.constructor}}' } }, { name: 'a' })).to.equal(
        false,
      );
    });

    it('nobody is the owner of what has no owner', () => {
      const nobody = facts({ kind: 'anonymous', id: null });
      expect(matches({ owner: '{{principal.id}}' }, {}, nobody)).to.equal(false);
      expect(matches({ owner: '{{principal.id}}' }, { ownerId: null }, nobody)).to.equal(false);
      expect(filter({ owner: '{{principal.id}}' }, nobody)).to.equal(false);
    });
  });
});
