import type { FastifyInstance } from 'fastify';
import type { Logger } from '../identity/ports.js';
import type { FinishedRequest } from './finishedRequest.js';
import { countRequest } from './httpMetrics.js';
import type { AppMetrics } from './metrics.js';
import { logRequest } from './requestLog.js';

/** What is to be told of each finished request: one line with its correlation id, and numbers per route. */
export function requestObserver(deps: {
  logger: Logger;
  metrics: Pick<AppMetrics, 'httpRequest'>;
}): (request: FinishedRequest) => void {
  return (request) => {
    logRequest(deps.logger, request);
    countRequest(deps.metrics, request);
  };
}

/** Tells the observer of every request. The first hook of a server. */
export function observeRequests(app: FastifyInstance, observer: (request: FinishedRequest) => void): void {
  app.addHook('onResponse', (request, reply, done) => {
    observer({
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.url ?? 'unmatched',
      status: reply.statusCode,
      durationMilliseconds: reply.elapsedTime,
      address: request.ip,
    });
    done();
  });
}
