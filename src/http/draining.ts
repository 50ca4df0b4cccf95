import type { FastifyInstance } from 'fastify';
import type { Logger } from '../identity/ports.js';

/**
 * How the server closes: requests under way end, and each connection with the last of its own, since what is idle then
 * would be kept for the next request. What is open after that many milliseconds is cut: a client that does not read its
 * answer must not keep what stands behind the doors from being closed in time.
 */
export function addDraining(app: FastifyInstance, logger: Logger, milliseconds: number): void {
  const { server } = app;
  let isClosing = false;
  app.addHook('preClose', (done) => {
    isClosing = true;
    const timer = setTimeout(() => {
      logger.warn({ milliseconds }, 'requests under way took too long: their connections are cut');
      server.closeAllConnections();
    }, milliseconds).unref();
    server.once('close', () => clearTimeout(timer));
    done();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (isClosing) void reply.header('connection', 'close');
    done();
  });
  // What began to answer before has promised to stay.
  app.addHook('onResponse', (_request, _reply, done) => {
    if (isClosing) setImmediate(() => server.closeIdleConnections());
    done();
  });
}
