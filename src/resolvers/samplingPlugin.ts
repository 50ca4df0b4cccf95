import type { ApolloServerPlugin } from '@apollo/server';
import type { GraphQLContext } from './context.js';

/** Hands over the decisions of a sampled request when its answer is ready. */
export function samplingPlugin(): ApolloServerPlugin<GraphQLContext> {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ contextValue, operationName }) => {
        contextValue.sample?.end(operationName ?? null);
      },
    }),
  };
}
