import * as fc from 'fast-check';
import { defineCatalog } from '../../src/policies/catalog.js';
import type { Principal } from '../../src/policies/principal.js';
import type { Conditions, Policy, RoleDefinition, Rule, ScopeDefinition } from '../../src/policies/rule.js';

/** One subject with a field of every kind, to draw random policies, objects and principals over. */
export const CATALOG = defineCatalog({
  Thing: {
    fields: {
      id: 'string',
      owner: { kind: 'string', path: 'ownerId' },
      name: 'string',
      age: 'number',
      active: 'boolean',
      born: 'date',
      tags: { kind: 'list', items: 'string' },
      scores: { kind: 'list', items: 'number' },
      deviceName: { kind: 'string', path: 'device.name' },
      roles: { kind: 'list', items: 'string', path: 'assignments.role' },
      blob: 'object',
      computed: { kind: 'string', path: null },
    },
    actions: ['lock'],
  },
  Other: { fields: { id: 'string', name: 'string' } },
});

export const NOW = new Date('2026-03-01T12:00:00.000Z');
export const FIELDS = [...(CATALOG.subjects.get('Thing')?.fields.keys() ?? [])];

const texts = fc.constantFrom('a', 'b', 'c', 'u1', 'u2', '');
const numbers = fc.constantFrom(-1, 0, 1, 2, 2.5, 10);
const times = fc.constantFrom(0, 1, -1, 86_400_000, -86_400_000).map((by) => new Date(NOW.getTime() + by));
const odd: fc.Arbitrary<unknown> = fc.oneof(texts, numbers, fc.boolean(), times, fc.constant(null));

/** What a stored field may hold: mostly a value of its kind, else nothing, null, a list, or a value of another kind. */
const stored = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 6, arbitrary: value },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: odd },
    { weight: 1, arbitrary: fc.array(fc.oneof(value, odd), { maxLength: 3 }) },
  );

const device = fc.oneof(
  { weight: 4, arbitrary: stored(texts).map((name) => withoutUndefined({ name })) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(undefined, null, 'text', 5, {}) },
);
// A path into a list of documents ends in a scalar: no schema here keeps a list inside one, and databases differ there.
const assigned = fc.oneof(
  { weight: 6, arbitrary: texts },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, undefined, 5) },
);
const assignments = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(
      assigned.map((role) => withoutUndefined({ role })),
      { maxLength: 3 },
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(undefined, null, 'text', []) },
);

/** A stored document, without its id. */
export const documents: fc.Arbitrary<Record<string, unknown>> = fc
  .record({
    ownerId: stored(texts),
    name: stored(texts),
    age: stored(numbers),
    active: stored(fc.boolean()),
    born: stored(times),
    tags: stored(fc.array(texts, { maxLength: 3 })),
    scores: stored(fc.array(numbers, { maxLength: 3 })),
    device,
    assignments,
    blob: fc.constantFrom<unknown>(undefined, null, {}, { x: 1 }),
  })
  .map(withoutUndefined);

/** A fixed sample of documents with ids, the same in every run. */
export function sampleDocuments(count: number): ({ _id: string } & Record<string, unknown>)[] {
  const ids = ['u1', 'u2', 'a'];
  return fc
    .sample(documents, { numRuns: count, seed: 7 })
    .map((document, index) => ({ _id: ids[index] ?? `o${index}`, ...document }));
}

const attribute = (name: string) => `{{principal.attributes.${name}}}`;
const textOperand = fc.oneof(
  texts,
  fc.constantFrom('{{principal.id}}', attribute('department'), attribute('level')),
);
const numberOperand: fc.Arbitrary<unknown> = fc.oneof(
  numbers,
  fc.constantFrom(attribute('level'), attribute('none')),
);
const booleanOperand: fc.Arbitrary<unknown> = fc.oneof(fc.boolean(), fc.constant(attribute('flag')));
const dateOperand: fc.Arbitrary<unknown> = fc.oneof(
  times.map((time) => time.toISOString()),
  fc.constant('{{now}}'),
);

const equality = (operand: fc.Arbitrary<unknown>): fc.Arbitrary<unknown>[] => [
  operand,
  operand.map(($eq) => ({ $eq })),
  operand.map(($ne) => ({ $ne })),
  fc.array(operand, { maxLength: 3 }).map(($in) => ({ $in })),
  fc.array(operand, { maxLength: 3 }).map(($nin) => ({ $nin })),
  operand.map(($eq) => ({ $not: { $eq } })),
];
const order = (operand: fc.Arbitrary<unknown>): fc.Arbitrary<unknown>[] => [
  fc.tuple(fc.constantFrom('$gt', '$gte', '$lt', '$lte'), operand).map(([key, value]) => ({ [key]: value })),
  fc.tuple(operand, operand).map(([$gte, $lt]) => ({ $gte, $lt })),
  fc.tuple(operand, operand).map(([$gt, $lte]) => ({ $not: { $gt, $lte } })),
];
const presence = fc.oneof<fc.Arbitrary<unknown>[]>(
  fc.constantFrom(null, { $eq: null }, { $ne: null }),
  fc.boolean().map(($exists) => ({ $exists })),
);
const membership = fc.constantFrom<unknown>(
  { $in: '{{principal.roles}}' },
  { $in: attribute('regions') },
  { $nin: attribute('regions') },
  { $in: attribute('department') },
);

const leaf: fc.Arbitrary<Conditions> = fc.oneof(
  entry(['id', 'owner', 'name', 'deviceName'], fc.oneof(...equality(textOperand), presence, membership)),
  entry(['tags', 'roles'], fc.oneof(...equality(textOperand), membership)),
  entry(['age'], fc.oneof(...equality(numberOperand), ...order(numberOperand), presence)),
  entry(['scores'], fc.oneof(...equality(numberOperand), ...order(numberOperand))),
  entry(['active'], fc.oneof(...equality(booleanOperand), presence)),
  entry(['born'], fc.oneof(...equality(dateOperand), ...order(dateOperand), presence)),
  entry(['blob'], presence),
);

function entry(names: readonly string[], value: fc.Arbitrary<unknown>): fc.Arbitrary<Conditions> {
  return fc.tuple(fc.constantFrom(...names), value).map(([name, given]) => ({ [name]: given }));
}

/** Valid conditions over the sample's fields, nested up to three levels. */
export const conditions: fc.Arbitrary<Conditions> = fc.letrec<{ node: Conditions }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.tuple(leaf, leaf).map(([left, right]) => ({ ...left, ...right })),
    fc
      .tuple(fc.constantFrom('$and', '$or', '$nor'), fc.array(tie('node'), { minLength: 1, maxLength: 3 }))
      .map(([key, of]) => ({ [key]: of })),
  ),
})).node;

const requires = fc.oneof(
  { weight: 8, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.constantFrom({ acr: 'aal2' }, { maxAgeSeconds: 60 }, { acr: 'phr', maxAgeSeconds: 600 }),
  },
);

const anyEffect = fc.oneof(
  { weight: 4, arbitrary: fc.constant('allow' as const) },
  { weight: 1, arbitrary: fc.constant('deny' as const) },
);

/** A rule; `effect` where it is fixed. */
export const rules = (effect?: 'allow' | 'deny'): fc.Arbitrary<Rule> =>
  fc
    .record({
      effect: effect === undefined ? anyEffect : fc.constant(effect),
      actions: fc.oneof(
        { weight: 2, arbitrary: fc.constant(['read', 'list', 'update', 'lock']) },
        { weight: 1, arbitrary: fc.subarray(['read', 'list', 'update', 'lock'], { minLength: 1 }) },
      ),
      fields: fc.oneof(
        { weight: 2, arbitrary: fc.constant(['*']) },
        { weight: 2, arbitrary: fc.subarray(FIELDS, { minLength: 6 }).map((some) => ['id', ...some]) },
        { weight: 1, arbitrary: fc.subarray(FIELDS, { minLength: 1 }) },
      ),
      conditions: fc.option(conditions, { nil: undefined, freq: 8 }),
      requires,
    })
    .map(({ conditions: given, requires: needed, ...rule }) => ({
      id: 'rule',
      subject: 'Thing',
      ...rule,
      ...(given && { conditions: given }),
      ...(needed && { requires: needed }),
    }));

const numbered = (list: readonly Rule[]): Rule[] => list.map((rule, index) => ({ ...rule, id: `r${index}` }));

const ROLE_NAMES = ['base', 'middle', 'top'];

const roleSets: fc.Arbitrary<RoleDefinition[]> = fc
  .tuple(...ROLE_NAMES.map(() => fc.array(rules(), { minLength: 1, maxLength: 4 })))
  .map((sets) =>
    sets.map((list, index) => ({
      name: ROLE_NAMES[index] ?? '',
      description: '',
      inherits: ROLE_NAMES.slice(0, index),
      rules: numbered(list),
      builtIn: false,
    })),
  );

const scopeSets: fc.Arbitrary<ScopeDefinition[]> = fc
  .tuple(fc.array(rules(), { minLength: 1, maxLength: 3 }), fc.array(rules(), { minLength: 1, maxLength: 3 }))
  .map((sets) => sets.map((list, index) => ({ name: `s${index}`, description: '', rules: numbered(list) })));

/** Three roles, each inheriting those before it, and two scopes. */
export const policies: fc.Arbitrary<Policy> = fc
  .tuple(roleSets, scopeSets)
  .map(([roles, scopes]) => policyOf(roles, scopes));

export function policyOf(roles: readonly RoleDefinition[], scopes: readonly ScopeDefinition[] = []): Policy {
  return {
    version: 1,
    roles: new Map(roles.map((role) => [role.name, role])),
    scopes: new Map(scopes.map((scope) => [scope.name, scope])),
  };
}

/** People and clients; attributes are sometimes missing and sometimes of another type than rules expect. */
export const principals: fc.Arbitrary<Principal> = fc
  .record({
    id: fc.constantFrom('u1', 'u2', 'a', null),
    roles: fc.subarray(ROLE_NAMES, { minLength: 1 }),
    attributes: fc
      .record({
        department: fc.constantFrom('a', 'b', 5, undefined),
        level: fc.constantFrom(0, 2, 'a', undefined),
        flag: fc.constantFrom(true, false, undefined),
        regions: fc.constantFrom(['a', 'b'], [], 'a', undefined),
      })
      .map(withoutUndefined),
    session: fc.option(
      fc.record({
        acr: fc.constantFrom('aal1', 'aal2', 'phr'),
        ageSeconds: fc.constantFrom(0, 59, 61, 601),
      }),
    ),
    scopes: fc.option(fc.subarray(['s0', 's1', 'unknown']), { freq: 1 }),
  })
  .map(({ session, scopes, attributes, ...rest }) => ({
    kind: rest.id === null ? 'anonymous' : 'user',
    ...rest,
    attributes: attributes as Principal['attributes'],
    session: session && {
      id: 'session',
      acr: session.acr,
      amr: ['pwd'],
      authTimeSeconds: NOW.getTime() / 1000 - session.ageSeconds,
    },
    token: scopes && { jti: 'jti', clientId: 'client', scopes, audience: [] },
    actor: null,
  }));

function withoutUndefined(object: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
