import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config/schema.js';
import type { RequestOrigin } from '../identity/ports.js';
import { readKnownDevice } from './cookies.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Where the request came from; `address` counts trusted proxies (`listen.trustedProxies`). */
    origin: RequestOrigin;
  }
}

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;
const USER_AGENT_LENGTH = 512;

/** The caller's `X-Request-Id` if it is 1 to 128 characters of `[A-Za-z0-9._-]`, else a new one: never log injection. */
export function requestIdOf(raw: Pick<IncomingMessage, 'headers'>): string {
  const given = raw.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** Gives every request its `origin` and every answer its `X-Request-Id`. */
export function addRequestOrigin(app: FastifyInstance): void {
  // The decorator fixes the object's shape; the hook below fills it before any other hook can look.
  app.decorateRequest('origin', null as unknown as RequestOrigin);
  app.addHook('onRequest', (request, reply, done) => {
    request.origin = {
      requestId: request.id,
      address: request.ip,
      userAgent: (request.headers['user-agent'] ?? '').slice(0, USER_AGENT_LENGTH),
    };
    reply.header('x-request-id', request.id);
    done();
  });
}

/** Adds to the origin by which value accounts know this device; comes after cookies are read. */
export function addKnownDevice(app: FastifyInstance, config: Config): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const deviceToken = readKnownDevice(request, config);
    if (deviceToken !== undefined) request.origin = { ...request.origin, deviceToken };
    done();
  });
}
