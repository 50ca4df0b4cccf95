import type { ApolloServerPlugin } from '@apollo/server';
import type { Metrics } from '../identity/ports.js';
import type { GraphQLContext } from './context.js';

/** Counts and times every operation, also those refused before they ran. */
export function metricsPlugin(
  metrics: Pick<Metrics, 'graphqlOperation'>,
): ApolloServerPlugin<GraphQLContext> {
  return {
    requestDidStart: async () => {
      const start = performance.now();
      return {
        willSendResponse: async ({ operation, response: { body } }) => {
          const failed = body.kind === 'single' && (body.singleResult.errors?.length ?? 0) > 0;
          const empty = body.kind === 'single' && !body.singleResult.data;
          metrics.graphqlOperation(
            operation?.operation ?? 'unknown',
            !failed ? 'success' : empty ? 'failed' : 'partial',
            (performance.now() - start) / 1000,
          );
        },
      };
    },
  };
}
