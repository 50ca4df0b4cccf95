import type { FastifyInstance } from 'fastify';

/** `/openapi.json`: OpenAPI 3.1, written from the schemas of the mounted routes. */
export function addOpenApi(app: FastifyInstance): void {
  app.get(
    '/openapi.json',
    { schema: { tags: ['Operations'], operationId: 'openapi', summary: 'This document' } },
    (_request, reply) => reply.header('cache-control', 'public, max-age=300').send(app.swagger()),
  );
}
