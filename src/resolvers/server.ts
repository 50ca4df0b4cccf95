import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Deps } from '../identity/deps.js';
import type { Api } from './api.js';
import { createClientCeilings } from './clientCeilings.js';
import type { GraphQLContext } from './context.js';
import { decisionsPlugin } from './decisions/plugin.js';
import { addGraphQLErrorReplies } from './errorReplies.js';
import { mountExplorer } from './explorer/mount.js';
import { limitsPlugin, MAX_TOKENS } from './limits/plugin.js';
import { errorLogPlugin, formatError } from './maskErrors.js';
import { metricsPlugin } from './metricsPlugin.js';
import { createContext } from './requestContext.js';
import { samplingPlugin } from './samplingPlugin.js';

/**
 * The GraphQL door: `/graphql` by POST (and GET, for queries), with Apollo Sandbox for browsers where the config shows
 * it, and `/explorer`. Closing `app` stops it.
 * @throws Error when the explorer is wanted and was not built
 */
export async function mountGraphQL(
  app: FastifyInstance,
  deps: Deps,
  { schema, catalog }: Api,
): Promise<void> {
  const { config } = deps;
  const inDevelopment = config.environment === 'development';
  const ceilings = createClientCeilings(deps);
  const withSandbox = config.graphql.sandbox ?? inDevelopment;
  const apollo = createApollo(schema, deps, {
    introspection: config.graphql.introspection ?? inDevelopment,
    sandbox: withSandbox,
  });
  await apollo.start();
  app.addHook('onClose', () => apollo.stop());

  const handler = fastifyApolloHandler(apollo, {
    context: (request, reply) => createContext(deps, catalog, ceilings, request, reply),
  });
  await app.register((scope, _options, done) => {
    addGraphQLErrorReplies(scope, deps.logger);
    scope.addHook('onRequest', (_request, reply, onward) => {
      reply.header('cache-control', 'no-store');
      onward();
    });
    scope.post('/graphql', { schema: { hide: true } }, handler);
    // Sandbox brings a policy of its own, with a nonce, in its page.
    const page = withSandbox
      ? { config: { securityHeaders: { contentSecurityPolicy: false as const } } }
      : {};
    scope.get('/graphql', { schema: { hide: true }, ...page }, handler);
    done();
  });

  if (config.graphql.explorer ?? inDevelopment) await mountExplorer(app);
}

function createApollo(
  schema: GraphQLSchema,
  deps: Deps,
  shows: { introspection: boolean; sandbox: boolean },
): ApolloServer<GraphQLContext> {
  return new ApolloServer<GraphQLContext>({
    schema,
    introspection: shows.introspection,
    hideSchemaDetailsFromClientErrors: !shows.introspection,
    includeStacktraceInErrorResponses: false,
    formatError,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    csrfPrevention: {
      requestHeaders: ['apollo-require-preflight', 'x-apollo-operation-name', 'x-fieldgate-csrf'],
    },
    parseOptions: { maxTokens: MAX_TOKENS },
    stopOnTerminationSignals: false,
    logger: apolloLogger(deps),
    plugins: [
      // It would look at every field of every answer to find that none may be cached.
      ApolloServerPluginCacheControlDisabled(),
      shows.sandbox
        ? ApolloServerPluginLandingPageLocalDefault({ includeCookies: true })
        : ApolloServerPluginLandingPageDisabled(),
      metricsPlugin(deps.metrics),
      errorLogPlugin(deps.logger),
      limitsPlugin(deps.config),
      samplingPlugin(),
      decisionsPlugin(deps),
    ],
  });
}

/** Apollo's own messages in our log; its chatter about single requests stays at debug. */
function apolloLogger({ logger }: Deps) {
  const at = (level: 'debug' | 'warn' | 'error') => (message?: unknown) =>
    logger[level]({ component: 'apollo' }, String(message));
  return { debug: at('debug'), info: at('debug'), warn: at('warn'), error: at('error') };
}
