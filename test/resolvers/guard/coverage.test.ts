import 'reflect-metadata';
import { expect } from 'chai';
import {
  GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  printSchema,
} from 'graphql';
import type { RoleDefinition } from '../../../src/policies/rule.js';
import { guardSchema } from '../../../src/resolvers/guard/guardSchema.js';
import { buildShop, mark, PUBLIC, ROLES, requires } from './shop.js';

type Extra = Parameters<typeof buildShop>[0];

function faultsOf(extra: Extra, roles: readonly RoleDefinition[] = ROLES): string[] {
  try {
    guardSchema(buildShop(extra), roles);
    return [];
  } catch (error) {
    return (error as Error).message
      .split('\n')
      .slice(1)
      .map((line) => line.slice(2));
  }
}

const none = { target: { from: 'none' } };
const input = (name: string, by: object, field: object = { type: GraphQLString }, key = 'field') => ({
  type: GraphQLString,
  ...PUBLIC,
  args: {
    input: {
      type: new GraphQLInputObjectType({
        name,
        ...by,
        fields: { [key]: field as { type: typeof GraphQLString } },
      }),
    },
  },
});
const enumOf = (name: string, value: string) => ({
  type: new GraphQLEnumType({ name, values: { X: { value } } }),
});

describe('the boot check', () => {
  it('passes a schema that is covered', () => {
    expect(faultsOf({})).to.deep.equal([]);
  });

  const cases: [string, Extra, string][] = [
    [
      'a root field without a mark',
      { query: { open: { type: GraphQLString } } },
      'Query.open is neither public nor requires a right',
    ],
    [
      'a type without a mark',
      {
        query: {
          open: {
            type: new GraphQLObjectType({ name: 'Bare', fields: { a: { type: GraphQLString } } }),
            ...PUBLIC,
          },
        },
      },
      'type Bare is neither governed nor structural',
    ],
    [
      'an input without a mark',
      { query: { open: input('BareInput', {}) } },
      'input BareInput is neither a filter, an order nor plain',
    ],
    [
      'a field of a governed type that no role may read',
      { user: { age: { type: GraphQLString } } },
      'User.age: no role may read it',
    ],
    [
      'a field of a governed type that cannot be refused',
      { user: { name: { type: new GraphQLNonNull(GraphQLString) } } },
      'User.name cannot be null, so it cannot be refused',
    ],
    [
      'a right on an unknown type',
      { query: { open: { type: GraphQLString, ...requires({ action: 'read', subject: 'Usr', ...none }) } } },
      'Query.open requires a right on Usr, which is no governed type',
    ],
    [
      'an unknown action',
      { query: { open: { type: GraphQLString, ...requires({ action: 'fly', subject: 'User', ...none }) } } },
      'Query.open requires fly, which User does not name as an action',
    ],
    [
      'an act that no role may do',
      {
        query: { open: { type: GraphQLString, ...requires({ action: 'delete', subject: 'User', ...none }) } },
      },
      'Query.open: no role may delete User',
    ],
    [
      'a target that is no argument',
      {
        query: {
          open: {
            type: GraphQLString,
            ...requires({ action: 'lock', subject: 'User', target: { from: 'argument', path: 'input.id' } }),
          },
        },
      },
      'Query.open has no argument input.id to find its object by',
    ],
    [
      'writes that are no input',
      {
        query: {
          open: {
            type: GraphQLString,
            ...requires({ action: 'update', subject: 'User', ...none, writes: { path: 'input' } }),
          },
        },
      },
      'Query.open has no input object at input',
    ],
    [
      'an input key that is no field',
      {
        query: {
          open: {
            ...input('Write', mark({ kind: 'plain' })),
            ...requires({ action: 'update', subject: 'User', ...none, writes: { path: 'input' } }),
          },
        },
      },
      'Query.open writes field, which is no field of User',
    ],
    [
      'an input key that no role may write',
      {
        query: {
          open: {
            ...input('Write', mark({ kind: 'plain' }), { type: GraphQLString }, 'secret'),
            ...requires({ action: 'create', subject: 'User', ...none, writes: { path: 'input' } }),
          },
        },
      },
      'Query.open: no role may create User.secret',
    ],
    [
      'a filter by no field',
      {
        query: {
          open: input('Filter', mark({ kind: 'filterOf', subject: 'User' }), { type: GraphQLString }, 'nmae'),
        },
      },
      'input Filter filters by nmae, which is no readable field of User',
    ],
    [
      'an order by no field',
      {
        query: {
          open: input('Order', mark({ kind: 'orderOf', subject: 'User' }), enumOf('OrderField', 'nmae')),
        },
      },
      'input Order orders by X, which is no readable field of User',
    ],
    [
      'a filter of no type',
      { query: { open: input('Filter', mark({ kind: 'filterOf', subject: 'Usr' })) } },
      'input Filter is about Usr, which is no governed type',
    ],
    [
      'a governed type without an id',
      {
        query: {
          open: {
            type: new GraphQLObjectType({
              name: 'Thing',
              ...mark({ kind: 'governed', actions: ['fly'], paths: { x: 'y' }, writable: [] }),
              fields: { a: { type: GraphQLString, ...PUBLIC } },
            }),
            ...PUBLIC,
          },
        },
      },
      'Thing has no field id, which says whether it is visible',
    ],
  ];
  for (const [what, extra, fault] of cases) {
    it(`refuses ${what}`, () => {
      expect(faultsOf(extra)).to.include(fault);
    });
  }

  it('lists every fault at once', () => {
    const extra = {
      query: { a: { type: GraphQLString }, b: { type: GraphQLString } },
      user: { age: { type: GraphQLString } },
    };
    expect(faultsOf(extra)).to.have.length(3);
  });

  it('wants every act on a governed type in some role', () => {
    const roles = ROLES.map((role) => ({ ...role, rules: role.rules.filter(({ id }) => id !== 'lock') }));
    expect(faultsOf({}, roles)).to.include.members([
      'User: no role may lock it',
      'Mutation.lock: no role may lock User',
    ]);
  });
});

describe('the descriptions of a guarded schema', () => {
  it('say, from the policy, who holds what', () => {
    const sdl = printSchema(guardSchema(buildShop(), ROLES).schema);
    expect(sdl).to.include('"""Requires `read` on User.email; held by: admin."""');
    expect(sdl).to.include('"""Requires `read` on User.name; held by: admin, member (own), guest."""');
    expect(sdl).to.include('"""Requires `list` on User; held by: admin, member (own), guest."""');
    expect(sdl).to.include('"""Requires `lock` on User; held by: admin."""');
    expect(sdl).to.include('Requires `update` on each field of User given; some held by: admin, member.');
    expect(sdl).to.include('"""Public: for the test."""');
  });
});
