import type { ApolloServerPlugin } from '@apollo/server';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { Config } from '../../config/schema.js';
import { AppError, isAppError } from '../../errors.js';
import type { GraphQLContext } from '../context.js';
import { refuseRequest } from '../errors.js';
import { type Measure, measure } from './measure.js';
import { checkLiterals, checkVariables } from './strings.js';

/** More tokens than the largest sensible document; the parser stops there. */
export const MAX_TOKENS = 4000;

/**
 * Refuses what asks for too much or holds text that no field takes, before any field runs. A document is measured once:
 * Apollo keeps parsed documents, so the measure hangs on the document object.
 */
export function limitsPlugin({ graphql }: Pick<Config, 'graphql'>): ApolloServerPlugin<GraphQLContext> {
  const measures = new WeakMap<DocumentNode, Map<string, Measure>>();
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ schema, document, operation, request }) => {
        if (!operation) return;
        try {
          const byOperation = measures.get(document) ?? new Map<string, Measure>();
          const name = operation.name?.value ?? '';
          let measured = byOperation.get(name);
          if (!measured) {
            checkLiterals(document);
            measured = measure(schema, document, operation);
            byOperation.set(name, measured);
            measures.set(document, byOperation);
          }
          const variables = request.variables ?? {};
          checkVariables(variables);
          assertWithin('depth', measured.depth, graphql.maxDepth);
          assertWithin('aliases', measured.aliases, graphql.maxAliases);
          assertWithin('cost', measured.cost(variables), graphql.maxCost);
        } catch (error) {
          throw isAppError(error) ? refuseRequest(error, 400) : error;
        }
      },
    }),
  };
}

/** The same limits for a document inside a request. @throws AppError LIMIT_EXCEEDED, BAD_USER_INPUT */
export function assertAffordable(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown>,
  graphql: Config['graphql'],
): void {
  checkLiterals(document);
  checkVariables(variables);
  const { depth, aliases, cost } = measure(schema, document, operation);
  assertWithin('depth', depth, graphql.maxDepth);
  assertWithin('aliases', aliases, graphql.maxAliases);
  assertWithin('cost', cost(variables), graphql.maxCost);
}

function assertWithin(what: 'depth' | 'aliases' | 'cost', value: number, limit: number): void {
  if (value <= limit) return;
  throw new AppError('LIMIT_EXCEEDED', `${what} ${value} over ${limit}`, {
    publicMessage: `The ${what} of the document is ${value}, the limit is ${limit}.`,
  });
}
