import { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import DataLoader from 'dataloader';
import Fastify from 'fastify';
import {
  buildSchema,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isObjectType,
  printSchema,
} from 'graphql';
import type { Models } from '../../src/models/models.js';
import type { Role } from '../../src/models/role.js';
import type { User } from '../../src/models/user.js';

interface BareContext {
  readonly viewerId: string;
  readonly models: Models;
  readonly roles: DataLoader<string, Role | null>;
}

type Resolver = GraphQLFieldResolver<never, BareContext, never>;

/**
 * What one would write without authorization: Apollo on Fastify with the schema of Fieldgate, plain resolvers for what
 * the benchmark asks, and the same queries through the same models. It believes the header `x-viewer`.
 * Resolves with its address.
 */
export async function startBareServer(schema: GraphQLSchema, models: Models): Promise<string> {
  const apollo = new ApolloServer<BareContext>({
    schema: withResolvers(buildSchema(printSchema(schema))),
    introspection: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
  });
  await apollo.start();
  const app = Fastify();
  app.post(
    '/graphql',
    fastifyApolloHandler(apollo, {
      context: async ({ headers }) => ({
        viewerId: String(headers['x-viewer']),
        models,
        roles: new DataLoader(async (names: readonly string[]) => {
          const found = await models.roles.find({ _id: { $in: names } }).lean();
          const byName = new Map(found.map((role) => [role._id, role]));
          return names.map((name) => byName.get(name) ?? null);
        }),
      }),
    }),
  );
  return app.listen({ host: '127.0.0.1', port: 0 });
}

function withResolvers(schema: GraphQLSchema): GraphQLSchema {
  const resolvers: Record<string, Record<string, Resolver>> = {
    Query: {
      viewer: (_source, _args, { models, viewerId }) => models.users.findOne({ _id: viewerId }).lean().exec(),
      users: (_source, { first }: { first: number }, { models }) => pageOfUsers(models, first),
    },
    User: {
      id: ({ _id }: User) => `User:${_id}`,
      status: ({ status }: User) => status.toUpperCase(),
      roles: ({ roleAssignments }: User, _args, { roles }) =>
        Promise.all(roleAssignments.map(({ role }) => roles.load(role))),
    },
    Role: {
      id: ({ _id }: Role) => `Role:${_id}`,
      name: ({ _id }: Role) => _id,
    },
  };
  for (const [name, fields] of Object.entries(resolvers)) {
    const type = schema.getType(name);
    if (!isObjectType(type)) throw new Error(`no type ${name}`);
    for (const [field, resolve] of Object.entries(fields)) {
      const definition = type.getFields()[field];
      if (!definition) throw new Error(`no field ${name}.${field}`);
      definition.resolve = resolve as GraphQLFieldResolver<unknown, unknown>;
    }
  }
  return schema;
}

/** The projection is what Fieldgate reads for the fields of the benchmark. */
async function pageOfUsers(models: Models, first: number): Promise<object> {
  const found = await models.users
    .find({}, { username: 1, name: 1, email: 1, status: 1, createdAt: 1, roleAssignments: 1 })
    .sort({ _id: 1 })
    .limit(first + 1)
    .lean();
  const edges = found
    .slice(0, first)
    .map((node) => ({ node, cursor: Buffer.from(node._id).toString('base64url') }));
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: found.length > first,
      hasPreviousPage: false,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
