import type { ApolloServerPlugin } from '@apollo/server';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { type AppError, isAppError } from '../errors.js';
import { statusOf } from '../http/errorReply.js';
import { toAppError } from '../http/errors.js';
import type { Logger } from '../identity/ports.js';
import type { GraphQLContext } from './context.js';
import { describeRefusal, isClosedCode, retryHeaders } from './errors.js';

/** What Apollo and graphql-js find wrong with a document, its variables or the HTTP request around it. */
const INPUT_CODES = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

/** The refusal behind an error of any origin; null for what graphql-js says of the document. */
function refusalBehind(error: unknown): AppError | null {
  if (!(error instanceof GraphQLError)) return toAppError(error);
  if (isAppError(error.originalError)) return error.originalError;
  const { code } = error.extensions;
  if (isClosedCode(code) || INPUT_CODES.has(String(code))) return null;
  if (error.originalError) return refusalBehind(error.originalError);
  // Thrown by the executor itself: a resolver that broke its own type.
  return toAppError(new Error(error.message, { cause: error }));
}

/** Every top-level error leaves with a code of the closed set; what is not a refusal says nothing about its cause. */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const where = {
    ...(formatted.locations && { locations: formatted.locations }),
    ...(formatted.path && { path: formatted.path }),
  };
  const refusal = refusalBehind(error);
  const own = error instanceof GraphQLError ? error.extensions : {};
  if (!refusal) {
    const code = isClosedCode(own['code']) ? own['code'] : 'BAD_USER_INPUT';
    return { message: formatted.message, ...where, extensions: { ...withoutPrivate(own), code } };
  }
  const { message, extensions } = describeRefusal(refusal);
  return { message, ...where, extensions: { ...withoutPrivate(own), ...extensions } };
}

function withoutPrivate(extensions: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { http: _http, stacktrace: _stacktrace, code: _code, ...open } = extensions;
  return open;
}

/**
 * Logs what was refused and what broke, puts the request id on errors that only the log explains, and answers 503 when
 * a store or another part that a field needs is out of order.
 */
export function errorLogPlugin(logger: Logger): ApolloServerPlugin<GraphQLContext> {
  return {
    requestDidStart: async ({ contextValue: { origin } }) => ({
      didEncounterErrors: async ({ errors, operationName }) => {
        for (const error of errors) {
          const refusal = refusalBehind(error);
          const fields = {
            requestId: origin.requestId,
            operation: operationName ?? null,
            path: error.path?.join('.') ?? null,
            code: refusal?.code ?? 'BAD_USER_INPUT',
          };
          if (refusal && isOurFault(refusal)) {
            logger.error({ ...fields, err: refusal.cause ?? refusal }, 'GraphQL request failed');
          } else {
            logger.debug({ ...fields, detail: refusal?.message ?? error.message }, 'GraphQL request refused');
          }
        }
      },
      willSendResponse: async ({ response: { body, http }, errors = [] }) => {
        const outage = errors
          .map(refusalBehind)
          .find((refusal) => refusal !== null && isAppError(refusal, 'UNAVAILABLE'));
        if (outage) {
          // Gateways and clients must see it without reading the body.
          http.status = statusOf(outage);
          for (const [name, value] of retryHeaders(outage)) http.headers.set(name, value);
        }
        if (body.kind !== 'single' || !body.singleResult.errors) return;
        body.singleResult.errors = body.singleResult.errors.map((error) =>
          error.extensions?.['code'] === 'INTERNAL'
            ? { ...error, extensions: { ...error.extensions, requestId: origin.requestId } }
            : error,
        );
      },
    }),
  };
}

const isOurFault = (error: AppError) => isAppError(error, 'INTERNAL') || isAppError(error, 'UNAVAILABLE');
