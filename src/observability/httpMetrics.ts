import type { FinishedRequest } from './finishedRequest.js';
import type { AppMetrics } from './metrics.js';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Counts and times an HTTP request by its route's template; all unknown paths are one label. */
export function countRequest(metrics: Pick<AppMetrics, 'httpRequest'>, request: FinishedRequest): void {
  metrics.httpRequest({
    method: METHODS.has(request.method) ? request.method : 'other',
    route: request.route,
    statusCode: request.status,
    durationSeconds: request.durationMilliseconds / 1000,
  });
}
