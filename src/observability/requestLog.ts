import type { FastifyInstance } from 'fastify';

/**
 * Writes one line per finished request: method, route template, status, milliseconds, address. Raw paths and
 * query strings stay out: they carry ids, tokens and codes. Probes and scrapes are logged at debug.
 */
export function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unmatched';
    const fields = {
      method: request.method,
      route,
      statusCode: reply.statusCode,
      durationMilliseconds: Math.round(reply.elapsedTime * 10) / 10,
      address: request.ip,
    };
    if (reply.statusCode >= 500) request.log.error(fields, 'request failed');
    else if (QUIET.has(route)) request.log.debug(fields, 'request');
    else request.log.info(fields, 'request');
    done();
  });
}

const QUIET = new Set(['/health', '/livez', '/metrics']);
