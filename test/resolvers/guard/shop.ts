import 'reflect-metadata';
import {
  GraphQLBoolean,
  GraphQLEnumType,
  type GraphQLFieldConfigMap,
  GraphQLID,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
} from 'graphql';
import { createAccess } from '../../../src/policies/access.js';
import { ANONYMOUS, type Principal } from '../../../src/policies/principal.js';
import type { RoleDefinition, Rule } from '../../../src/policies/rule.js';
import type { GraphQLContext } from '../../../src/resolvers/context.js';
import { guardSchema } from '../../../src/resolvers/guard/guardSchema.js';
import { targetOf } from '../../../src/resolvers/guard/target.js';
import { MARK } from '../../../src/schema/governance.js';
import { policyOf } from '../../policies/universe.js';

export const mark = (value: object) => ({ extensions: { [MARK]: value } });
export const PUBLIC = mark({ kind: 'public', why: 'for the test' });
export const STRUCTURAL = mark({ kind: 'structural' });
export const requires = (demand: object) => mark({ kind: 'requires', ...demand });

export interface Shelf {
  readonly users: Record<string, unknown>[];
  /** What resolvers did, in order. */
  readonly log: string[];
}

type Fields = GraphQLFieldConfigMap<Record<string, unknown>, GraphQLContext & { shelf: Shelf }>;

/** A little schema with everything that the guard has to deal with; each call makes a new one. `extra` adds faults. */
export function buildShop(extra: { query?: Fields; user?: Fields } = {}): GraphQLSchema {
  const node = new GraphQLInterfaceType({
    name: 'Node',
    fields: { id: { type: new GraphQLNonNull(GraphQLID) } },
    resolveType: (value: { kind?: string }) => value.kind ?? 'User',
  });
  const address = new GraphQLObjectType({
    name: 'Address',
    ...STRUCTURAL,
    fields: { city: { type: GraphQLString } },
  });
  const user: GraphQLObjectType = new GraphQLObjectType({
    name: 'User',
    interfaces: [node],
    ...mark({
      kind: 'governed',
      actions: ['lock'],
      paths: { friend: 'friendId', friends: null },
      writable: ['name', 'email', 'ownerId'],
    }),
    fields: (): Fields => ({
      id: { type: new GraphQLNonNull(GraphQLID), resolve: ({ _id }) => `User:${String(_id)}` },
      name: { type: GraphQLString },
      email: { type: GraphQLString },
      ownerId: { type: GraphQLString },
      secret: { type: GraphQLString, resolve: async ({ secret }) => secret },
      address: { type: address },
      friend: { type: user, resolve: ({ friendId }, _args, { shelf }) => find(shelf, friendId) },
      friends: { type: new GraphQLList(user), resolve: (_user, _args, { shelf }) => shelf.users },
      can: { type: GraphQLBoolean, ...PUBLIC, resolve: () => true },
      ...extra.user,
    }),
  });
  const banner = new GraphQLObjectType({
    name: 'Banner',
    ...STRUCTURAL,
    fields: { text: { type: GraphQLString } },
  });
  const found = new GraphQLUnionType({
    name: 'Found',
    types: [user, banner],
    resolveType: async (value: { kind?: string }) => value.kind ?? 'User',
  });
  const connection = new GraphQLObjectType({
    name: 'UserConnection',
    ...STRUCTURAL,
    fields: {
      nodes: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(user))) },
      total: { type: GraphQLInt },
    },
  });
  const filter: GraphQLInputObjectType = new GraphQLInputObjectType({
    name: 'UserFilter',
    ...mark({ kind: 'filterOf', subject: 'User' }),
    fields: () => ({
      name: { type: GraphQLString },
      email: { type: GraphQLString },
      and: { type: new GraphQLList(filter) },
    }),
  });
  const order = new GraphQLInputObjectType({
    name: 'UserOrder',
    ...mark({ kind: 'orderOf', subject: 'User' }),
    fields: {
      field: {
        type: new GraphQLEnumType({
          name: 'UserOrderField',
          values: { NAME: { value: 'name' }, SECRET: { value: 'secret' } },
        }),
      },
    },
  });
  const nested = new GraphQLInputObjectType({
    name: 'Search',
    ...mark({ kind: 'plain' }),
    fields: { where: { type: filter }, text: { type: GraphQLString } },
  });
  const input = (name: string, keys: string[]) =>
    new GraphQLInputObjectType({
      name,
      ...mark({ kind: 'plain' }),
      fields: Object.fromEntries(
        keys.map((key) => [key, { type: key === 'id' ? GraphQLID : GraphQLString }]),
      ),
    });
  const payload = new GraphQLObjectType({
    name: 'Payload',
    ...STRUCTURAL,
    fields: { user: { type: user }, target: { type: GraphQLString } },
  });
  const act =
    (name: string): Fields[string]['resolve'] =>
    (_source, args, context, info) => {
      context.shelf.log.push(name);
      const target: { _id?: string } | null = targetOf(info);
      return { user: target, target: `${info.path.key}:${target?._id ?? 'none'}`, args };
    };
  const query: Fields = {
    viewer: { type: user, ...PUBLIC, resolve: (_s, _a, { viewer }) => viewer },
    node: {
      type: node,
      ...PUBLIC,
      args: { id: { type: GraphQLID } },
      resolve: (_s, { id }, { shelf }) => find(shelf, id),
    },
    must: { type: new GraphQLNonNull(user), ...PUBLIC, resolve: (_s, _a, { shelf }) => find(shelf, 'u2') },
    nodes: { type: new GraphQLList(node), ...PUBLIC, resolve: async (_s, _a, { shelf }) => shelf.users },
    late: {
      type: new GraphQLList(user),
      ...PUBLIC,
      resolve: (_s, _a, { shelf }) => new Set(shelf.users.map(async (one) => one)),
    },
    found: {
      type: new GraphQLList(found),
      ...PUBLIC,
      resolve: (_s, _a, { shelf }) => [...shelf.users, { kind: 'Banner', text: 'hello' }],
    },
    connection: {
      type: connection,
      ...PUBLIC,
      resolve: (_s, _a, { shelf }) => ({ nodes: shelf.users, total: 1 }),
    },
    broken: {
      type: user,
      ...PUBLIC,
      resolve: async () => {
        throw new Error('broken');
      },
    },
    users: {
      type: new GraphQLList(user),
      ...requires({ action: 'list', subject: 'User', target: { from: 'none' } }),
      args: { filter: { type: filter }, orderBy: { type: new GraphQLList(order) }, search: { type: nested } },
      resolve: (_s, _a, { shelf }) => {
        shelf.log.push('users');
        return shelf.users;
      },
    },
    ...extra.query,
  };
  const on = (path: string) => ({ target: { from: 'argument', path } });
  const mutation: Fields = {
    lock: {
      type: payload,
      ...requires({ action: 'lock', subject: 'User', ...on('input.id') }),
      args: { input: { type: input('LockInput', ['id']) } },
      resolve: act('lock'),
    },
    lockMe: {
      type: payload,
      ...requires({ action: 'lock', subject: 'User', target: { from: 'viewer' } }),
      resolve: act('lockMe'),
    },
    update: {
      type: payload,
      ...requires({
        action: 'update',
        subject: 'User',
        ...on('input.id'),
        writes: { path: 'input', ignore: ['id'] },
      }),
      args: { input: { type: input('UpdateInput', ['id', 'name', 'email', 'ownerId']) } },
      resolve: act('update'),
    },
    create: {
      type: payload,
      ...requires({ action: 'create', subject: 'User', target: { from: 'none' }, writes: { path: 'input' } }),
      args: { input: { type: input('CreateInput', ['name', 'email']) } },
      resolve: act('create'),
    },
  };
  return new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: query }),
    mutation: new GraphQLObjectType({ name: 'Mutation', fields: mutation }),
  });
}

function find(shelf: Shelf, id: unknown): Record<string, unknown> | null {
  const raw = String(id).replace('User:', '');
  return shelf.users.find(({ _id }) => _id === raw) ?? null;
}

export const ALL_FIELDS = ['id', 'name', 'email', 'ownerId', 'secret', 'address', 'friend', 'friends'];

export const rule = (
  id: string,
  actions: string[],
  fields: string[],
  conditions?: object,
  more: Partial<Rule> = {},
): Rule => ({
  id,
  effect: 'allow',
  actions,
  subject: 'User',
  fields,
  ...(conditions && { conditions: conditions as Record<string, unknown> }),
  ...more,
});

export const role = (name: string, rules: Rule[]): RoleDefinition => ({
  name,
  description: '',
  inherits: [],
  rules,
  builtIn: true,
});

const OWN = { ownerId: '{{principal.id}}' };

/** admin may all, member what is their own, guest sees names. */
export const ROLES: RoleDefinition[] = [
  role('admin', [
    rule('read', ['read', 'list'], ALL_FIELDS),
    rule('write', ['create', 'update'], ['name', 'email', 'ownerId']),
    rule('lock', ['lock'], ['*']),
  ]),
  role('member', [
    rule('read', ['read', 'list'], ['id', 'name', 'ownerId', 'address', 'friend', 'friends'], OWN),
    rule('strong', ['read'], ['secret'], OWN, { requires: { acr: 'aal2' } }),
    rule('write', ['update'], ['name', 'ownerId'], OWN),
  ]),
  role('guest', [rule('read', ['read', 'list'], ['id', 'name'])]),
];

export function shelf(): Shelf {
  return {
    log: [],
    users: [
      {
        _id: 'u1',
        ownerId: 'u1',
        name: 'Ann',
        email: 'a@x',
        secret: 's1',
        address: { city: 'A' },
        friendId: 'u2',
      },
      { _id: 'u2', ownerId: 'u2', name: 'Bob', email: 'b@x', secret: 's2', friendId: 'u1' },
    ],
  };
}

/** The context of a request by `u1` with that role, or by nobody. */
export function contextFor(
  roleName: string | null,
  shop: GraphQLSchema,
  given = shelf(),
): GraphQLContext & { shelf: Shelf } {
  const principal: Principal =
    roleName === null ? ANONYMOUS : { ...ANONYMOUS, kind: 'user', id: 'u1', roles: [roleName] };
  const { catalog } = guardSchema(shop, ROLES);
  return {
    principal,
    access: createAccess(policyOf(ROLES), catalog, principal, new Date()),
    viewer: roleName === null ? null : given.users[0],
    session: null,
    client: null,
    shelf: given,
    loaders: {
      byGlobalId: async (id: string) => {
        const object = find(given, id);
        return object && { type: 'User', object };
      },
    },
  } as unknown as GraphQLContext & { shelf: Shelf };
}
