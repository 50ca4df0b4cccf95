import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../config/schema.js';
import { AppError } from '../errors.js';
import { readRefreshCookie, readSessionCookie } from './cookies.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** False: the route never looks at a cookie, so there is nothing to forge. */
    csrf?: boolean;
  }
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
/** A page of another origin can send none of these without a preflight, which CORS refuses to origins not listed. */
const PREFLIGHT_HEADERS = ['x-fieldgate-csrf', 'apollo-require-preflight', 'x-apollo-operation-name'];

/**
 * Passes if the request cannot come from a page of a foreign origin: the browser says same-origin (`Sec-Fetch-Site`,
 * which no page can set), `Origin` is the issuer's or listed in `http.corsOrigins`, or, with neither header (no
 * current browser), the request is one that a foreign page cannot send without a preflight.
 * @throws AppError FORBIDDEN
 */
export function assertSameOrigin(request: FastifyRequest, config: Pick<Config, 'issuer' | 'http'>): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  // First: a development server answers under more names (localhost, 127.0.0.1) than its issuer has.
  if (site === 'same-origin') return;
  if (origin !== undefined) {
    if (origin === new URL(config.issuer).origin || config.http.corsOrigins.includes(origin)) return;
    throw refusal('origin is not listed');
  }
  if (site !== undefined) throw refusal('fetch site is not same-origin');
  if (PREFLIGHT_HEADERS.some((name) => request.headers[name])) return;
  if (request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json') return;
  throw refusal('no proof of origin');
}

/** Every write that a cookie would authenticate needs the proof; a bearer token cannot be sent by a foreign page. */
export function addCsrfProtection(app: FastifyInstance, config: Config): void {
  app.addHook('onRequest', (request, _reply, done) => {
    if (SAFE_METHODS.has(request.method) || request.routeOptions.config.csrf === false) return done();
    if (/^(?:bearer|dpop) /i.test(request.headers.authorization ?? '')) return done();
    if (!readSessionCookie(request, config) && !readRefreshCookie(request, config)) return done();
    assertSameOrigin(request, config);
    return done();
  });
}

function refusal(detail: string): AppError {
  return new AppError('FORBIDDEN', `CSRF: ${detail}`, {
    publicMessage: 'The request does not prove its origin.',
    remedy: 'send it from a listed origin, or with the header X-Fieldgate-CSRF: 1',
  });
}
