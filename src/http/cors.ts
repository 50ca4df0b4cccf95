import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config/schema.js';

const EXPOSED = [
  'X-Request-Id',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'WWW-Authenticate',
  'DPoP-Nonce',
];
const ALLOWED = [
  'Authorization',
  'DPoP',
  'Content-Type',
  'X-Request-Id',
  'X-Fieldgate-CSRF',
  'X-Fieldgate-Explain',
  'Apollo-Require-Preflight',
  'X-Apollo-Operation-Name',
];

/** Where browsers are sent and scripts have nothing to read (RFC 9700 §2.6: no CORS at the authorization endpoint). */
const FRONT_CHANNEL = /\/oauth\/(?:authorize|logout)(?:\/|$)/;

/** What an answer that is public carries for origins that are not listed; what `addCors` writes for them. */
export const PUBLIC_CORS_HEADERS = {
  vary: 'Origin',
  'access-control-allow-origin': '*',
  'access-control-expose-headers': EXPOSED.join(', '),
};

/**
 * Origins in `http.corsOrigins`, compared exactly, may call everything with credentials, but for the addresses that
 * browsers are sent to. Discovery and keys
 * are public and hold nothing of the caller: any origin, no credentials. Everybody else gets no CORS header.
 */
export async function addCors(app: FastifyInstance, config: Config): Promise<void> {
  const listed = new Set(config.http.corsOrigins);
  const shared = { strictPreflight: false, maxAge: 600, exposedHeaders: EXPOSED, allowedHeaders: ALLOWED };
  await app.register(cors, {
    delegator: (request, done) => {
      const { origin } = request.headers;
      const path = request.url.split('?', 1)[0] ?? '';
      if (origin !== undefined && listed.has(origin) && !FRONT_CHANNEL.test(path)) {
        done(null, { ...shared, origin, credentials: true, methods: ['GET', 'HEAD', 'POST'] });
      } else if (path.includes('/.well-known/')) {
        done(null, { ...shared, origin: '*', credentials: false, methods: ['GET', 'HEAD'] });
      } else {
        done(null, { origin: false });
      }
    },
  });
}
