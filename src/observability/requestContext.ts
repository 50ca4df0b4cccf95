import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyInstance } from 'fastify';

const running = new AsyncLocalStorage<string>();

/** The correlation id of the request in whose course this is called; undefined outside of any. */
export function currentRequestId(): string | undefined {
  return running.getStore();
}

/**
 * Runs every request inside its correlation id (`request.id`), so that each line logged in its course, by
 * whichever layer, carries it. Must be the first hook of the server.
 */
export function trackRequests(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    running.run(request.id, done);
  });
}
