import type { FastifyInstance } from 'fastify';
import type { Logger } from '../identity/ports.js';
import { registerHttpMetrics } from './httpMetrics.js';
import type { AppMetrics } from './metrics.js';
import { trackRequests } from './requestContext.js';
import { logRequests } from './requestLog.js';

/** Correlation ids in every log line, one line per request, numbers per route. The first hooks of a server. */
export function observeRequests(app: FastifyInstance, deps: { logger: Logger; metrics: AppMetrics }): void {
  trackRequests(app);
  logRequests(app, deps.logger);
  registerHttpMetrics(app, deps.metrics);
}
