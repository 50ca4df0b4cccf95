import type { FastifyInstance } from 'fastify';
import type { Logger } from '../identity/ports.js';

const PATH_LENGTH = 256;

/** One line per answered request. No query string, header, cookie or body: those may hold secrets. */
export function addRequestLog(app: FastifyInstance, logger: Logger): void {
  app.addHook('onResponse', (request, reply, done) => {
    logger.info(
      {
        requestId: request.id,
        method: request.method,
        path: (request.url.split('?', 1)[0] ?? '').slice(0, PATH_LENGTH),
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
        address: request.ip,
      },
      'request',
    );
    done();
  });
}
