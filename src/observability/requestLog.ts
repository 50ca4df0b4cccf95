import type { FastifyInstance } from 'fastify';
import type { Logger } from '../identity/ports.js';

const PROBES = new Set(['/health', '/livez', '/metrics']);

/**
 * One line per finished request: method, route template, status, milliseconds, address. Paths, query strings,
 * headers and bodies stay out: they carry ids, tokens and codes. Probes and scrapes are logged at debug.
 */
export function logRequests(app: FastifyInstance, logger: Logger): void {
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unmatched';
    const fields = {
      requestId: request.id,
      method: request.method,
      route,
      status: reply.statusCode,
      durationMilliseconds: Math.round(reply.elapsedTime * 10) / 10,
      address: request.ip,
    };
    if (PROBES.has(route)) logger.debug(fields, 'request');
    else logger.info(fields, 'request');
    done();
  });
}
