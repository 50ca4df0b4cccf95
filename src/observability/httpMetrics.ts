import type { FastifyInstance } from 'fastify';
import type { AppMetrics } from './metrics.js';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Counts and times every HTTP request by its route's template; all unknown paths are one label. */
export function registerHttpMetrics(app: FastifyInstance, metrics: Pick<AppMetrics, 'httpRequest'>): void {
  app.addHook('onResponse', (request, reply, done) => {
    metrics.httpRequest({
      method: METHODS.has(request.method) ? request.method : 'other',
      route: request.routeOptions.url ?? 'unmatched',
      statusCode: reply.statusCode,
      durationSeconds: reply.elapsedTime / 1000,
    });
    done();
  });
}
