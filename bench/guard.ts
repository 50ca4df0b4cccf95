import 'reflect-metadata';
import {
  execute,
  GraphQLID,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  parse,
} from 'graphql';
import { createAccess } from '../src/policies/access.js';
import { ANONYMOUS, type Principal } from '../src/policies/principal.js';
import type { Policy, RoleDefinition } from '../src/policies/rule.js';
import { guardSchema } from '../src/resolvers/guard/guardSchema.js';
import { MARK } from '../src/schema/governance.js';

/**
 * What the guard costs: the same queries on the same schema with and without it, in one run, in turns. Each side
 * parses and executes, as a server does; the guarded one makes its access anew for each request.
 * Run: npm run build && node dist/bench/guard.js
 */
const FIELDS = [
  'name',
  'email',
  'phone',
  'status',
  'locale',
  'picture',
  'website',
  'createdAt',
  'updatedAt',
  'city',
];
// A list is measured against the executor alone; a server's share per request would make its ratio smaller.
const LIMITS = { viewer: 1.25, users: 1.35 };

const mark = (value: object) => ({ extensions: { [MARK]: value } });
const open = mark({ kind: 'public', why: 'a benchmark' });

function buildSchema(): GraphQLSchema {
  const user: GraphQLObjectType = new GraphQLObjectType({
    name: 'User',
    ...mark({ kind: 'governed', actions: [], paths: {}, writable: [] }),
    fields: () => ({
      id: { type: new GraphQLNonNull(GraphQLID), resolve: ({ _id }: { _id: string }) => `User:${_id}` },
      ...Object.fromEntries(FIELDS.map((name) => [name, { type: GraphQLString }])),
    }),
  });
  return new GraphQLSchema({
    query: new GraphQLObjectType({
      name: 'Query',
      fields: {
        viewer: { type: user, ...open, resolve: (_source, _args, { users }: Request) => users[0] },
        users: { type: new GraphQLList(user), ...open, resolve: async (_s, _a, { users }: Request) => users },
      },
    }),
  });
}

interface Request {
  readonly users: readonly object[];
}

const role = (name: string, conditions?: Record<string, unknown>): RoleDefinition => ({
  name,
  description: '',
  inherits: [],
  builtIn: true,
  rules: [
    {
      id: 'read',
      effect: 'allow',
      actions: ['read'],
      subject: 'User',
      fields: ['id', ...FIELDS],
      ...(conditions && { conditions }),
    },
  ],
});
const roles = [role('admin'), role('user', { id: '{{principal.id}}' }), role('active', { status: 'active' })];
const policy: Policy = { version: 1, roles: new Map(roles.map((one) => [one.name, one])), scopes: new Map() };

const users = Array.from({ length: 20 }, (_, index) => ({
  _id: `u${index}`,
  status: 'active',
  ...Object.fromEntries(FIELDS.filter((name) => name !== 'status').map((name) => [name, `${name} ${index}`])),
}));

const bare = buildSchema();
const guarded = buildSchema();
const { catalog } = guardSchema(guarded, roles);

const principalOf = (name: string): Principal => ({ ...ANONYMOUS, kind: 'user', id: 'u0', roles: [name] });

async function run(schema: GraphQLSchema, source: string, principal: Principal | null): Promise<void> {
  const access = principal && createAccess(policy, catalog, principal, new Date());
  const result = await execute({
    schema,
    document: parse(source),
    contextValue: { users, access, principal },
  });
  if (result.errors !== undefined) throw result.errors[0] as Error;
}

async function cpuOf(times: number, work: () => Promise<void>): Promise<number> {
  const start = process.cpuUsage();
  for (let index = 0; index < times; index += 1) await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / times;
}

const median = (list: number[]) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;

let failed = false;
for (const [query, roleName] of [
  ['viewer', 'admin'],
  ['viewer', 'user'],
  ['users', 'admin'],
  ['users', 'active'],
] as const) {
  const source = `{ ${query} { id ${FIELDS.join(' ')} } }`;
  const principal = principalOf(roleName);
  const rounds = { bare: [] as number[], guarded: [] as number[], ratio: [] as number[] };
  for (let round = 0; round < 25; round += 1) {
    const times = query === 'viewer' ? 2000 : 300;
    const without = await cpuOf(times, () => run(bare, source, null));
    const withGuard = await cpuOf(times, () => run(guarded, source, principal));
    // The first rounds warm both sides up.
    if (round < 5) continue;
    rounds.bare.push(without);
    rounds.guarded.push(withGuard);
    rounds.ratio.push(withGuard / without);
  }
  const ratio = median(rounds.ratio);
  failed ||= ratio > LIMITS[query];
  console.log(
    `${query} as ${roleName}: bare ${median(rounds.bare).toFixed(1)} µs, guarded ${median(rounds.guarded).toFixed(1)} µs, ratio ${ratio.toFixed(2)} (limit ${LIMITS[query]})`,
  );
}
process.exitCode = failed ? 1 : 0;
