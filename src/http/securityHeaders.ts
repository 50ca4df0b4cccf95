import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';
import type { Config } from '../config/schema.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route's answers need otherwise than every other answer: of a page that scripts run in. */
    securityHeaders?: OwnHeaders;
  }
}

/** False: the page brings a policy of its own. */
interface OwnHeaders {
  readonly contentSecurityPolicy:
    | false
    | { readonly useDefaults: false; readonly directives: Readonly<Record<string, string[]>> };
}

type HelmetOptions = NonNullable<Parameters<typeof helmet>[0]>;

type Headers = Readonly<Record<string, string>>;

const SIX_MONTHS_SECONDS = 180 * 86_400;

/**
 * The headers of every answer: a CSP that lets a document load from here only and lets nobody frame it, nosniff, no
 * referrer, HSTS on https. A route that serves a page with other needs sets its own with `config.securityHeaders`.
 * They are the same for every answer of a route, so they are written once, at the start.
 */
export function addSecurityHeaders(app: FastifyInstance, config: Config): void {
  const options = optionsOf(config);
  const common = commonSecurityHeaders(config);
  const ofRoutes = new Map<OwnHeaders, Headers>();
  app.addHook('onRoute', ({ config: { securityHeaders: own } = {} }) => {
    if (own !== undefined) ofRoutes.set(own, headersOf(Object.assign({}, options, own)));
  });
  app.addHook('onRequest', (request, reply, done) => {
    const own = request.routeOptions.config.securityHeaders;
    reply.headers((own && ofRoutes.get(own)) ?? common);
    done();
  });
}

/** Those of a route without needs of its own. */
export function commonSecurityHeaders(config: Pick<Config, 'issuer'>): Headers {
  return headersOf(optionsOf(config));
}

function optionsOf({ issuer }: Pick<Config, 'issuer'>): HelmetOptions {
  const https = issuer.startsWith('https:');
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'img-src': ["'self'", 'data:'],
        'font-src': ["'self'"],
        'connect-src': ["'self'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
        ...(https && { 'upgrade-insecure-requests': [] }),
      },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    hsts: https ? { maxAge: SIX_MONTHS_SECONDS, includeSubDomains: false } : false,
  };
}

/** What helmet would write on an answer. @throws what helmet finds wrong with the options */
function headersOf(options: HelmetOptions): Headers {
  const headers: Record<string, string> = {};
  const answer = {
    setHeader: (name: string, value: string) => {
      headers[name.toLowerCase()] = value;
    },
    removeHeader: () => undefined,
  };
  helmet(options)({} as IncomingMessage, answer as unknown as ServerResponse, (fault) => {
    if (fault instanceof Error) throw fault;
  });
  return Object.freeze(headers);
}
