import type { FastifyInstance } from 'fastify';
import type { Logger } from '../identity/ports.js';
import { registerHttpMetrics } from './httpMetrics.js';
import type { AppMetrics } from './metrics.js';
import { logRequests } from './requestLog.js';

/** One line per request, with its correlation id, and numbers per route. The first hooks of a server. */
export function observeRequests(app: FastifyInstance, deps: { logger: Logger; metrics: AppMetrics }): void {
  logRequests(app, deps.logger);
  registerHttpMetrics(app, deps.metrics);
}
