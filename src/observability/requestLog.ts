import type { Logger } from '../identity/ports.js';
import type { FinishedRequest } from './finishedRequest.js';

const PROBES = new Set(['/health', '/livez', '/metrics']);

/**
 * One line for a finished request: method, route template, status, milliseconds, address. Paths, query strings,
 * headers and bodies stay out: they carry ids, tokens and codes. Probes and scrapes are logged at debug.
 */
export function logRequest(logger: Logger, request: FinishedRequest): void {
  const { requestId, method, route, status, durationMilliseconds, address } = request;
  const fields = {
    requestId,
    method,
    route,
    status,
    durationMilliseconds: Math.round(durationMilliseconds * 10) / 10,
    address,
  };
  if (PROBES.has(route)) logger.debug(fields, 'request');
  else logger.info(fields, 'request');
}
