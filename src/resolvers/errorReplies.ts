import type { FastifyInstance } from 'fastify';
import { applyErrorHeaders, logError, statusOf } from '../http/errorReply.js';
import { toAppError } from '../http/errors.js';
import type { Logger } from '../identity/ports.js';
import { describeRefusal } from './errors.js';

/**
 * What is refused before Apollo sees it (a body that is no JSON or too large, a forged origin, too many requests) is
 * answered in the shape of GraphQL, with codes of its closed set, since a GraphQL client reads the answer.
 */
export function addGraphQLErrorReplies(scope: FastifyInstance, logger: Logger): void {
  scope.setErrorHandler((thrown, request, reply) => {
    const error = toAppError(thrown);
    const status = statusOf(error);
    logError(logger, request, error, status);
    applyErrorHeaders(reply, error);
    const { message, extensions } = describeRefusal(error);
    const requestId = status >= 500 ? { requestId: request.id } : {};
    return reply.code(status).send({ errors: [{ message, extensions: { ...extensions, ...requestId } }] });
  });
}
