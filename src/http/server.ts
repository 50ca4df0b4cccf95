import { readFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import cookie from '@fastify/cookie';
import swagger from '@fastify/swagger';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyServerOptions,
  LogController,
} from 'fastify';
import type { Deps } from '../identity/deps.js';
import type { Logger } from '../identity/ports.js';
import { addBodyParsers } from './bodyParsers.js';
import { addCors } from './cors.js';
import { addCsrfProtection } from './csrf.js';
import { addDraining } from './draining.js';
import { addErrorReplies, renderJsonError } from './errorReply.js';
import { toAppError } from './errors.js';
import { openApiOptions } from './openApi.js';
import { type AnsweredRequest, answerFirst } from './publicDocuments.js';
import { addGeneralLimit } from './rateLimit.js';
import { addKnownDevice, addRequestOrigin, requestIdOf } from './requestOrigin.js';
import { addSecurityHeaders } from './securityHeaders.js';

/** Longer than the idle timeout of the usual load balancers (60 s), so that they never write into a closing socket. */
const KEEP_ALIVE_MILLISECONDS = 72_000;
const HEADERS_MILLISECONDS = 15_000;
const REQUEST_MILLISECONDS = 30_000;
/** Half of what a process has to end in (src/process/exit.ts): the stores want the rest. */
const DRAIN_MILLISECONDS = 5_000;

export interface HttpServerOptions {
  /** Adds hooks that must see a request before every other: correlation of log lines, the log line, metrics. */
  readonly first?: (app: FastifyInstance) => void;
  /** Hears of the requests that no hook sees: those that `answerFirst` answers. */
  readonly answered?: (request: AnsweredRequest) => void;
  /** How long requests under way may take once it closes; five seconds unless said. */
  readonly drainMilliseconds?: number;
}

/**
 * The server that every door mounts on, with what holds for all of them: request id and origin, security headers,
 * CORS, limits, cookies, CSRF, bodies, typed errors. Hooks run in the order of the calls below.
 * Closing it lets requests under way end, for a while, and closes idle connections.
 * @throws when the TLS files of `config.tls` cannot be read
 */
export async function createHttpServer(
  deps: Pick<Deps, 'config' | 'ephemeral' | 'logger'>,
  options: HttpServerOptions = {},
): Promise<FastifyInstance> {
  const { config, logger } = deps;
  const app = Fastify(serverOptions(config, logger));
  addDraining(app, logger, options.drainMilliseconds ?? DRAIN_MILLISECONDS);

  options.first?.(app);
  addRequestOrigin(app);
  addErrorReplies(app, logger);
  addSecurityHeaders(app, config);
  await addCors(app, config);
  addGeneralLimit(app, deps);
  await app.register(cookie);
  addKnownDevice(app, config);
  addCsrfProtection(app, config);
  addBodyParsers(app);
  answerFirst(app, config, options.answered);
  await app.register(swagger, openApiOptions(config));
  return app;
}

function serverOptions(config: Deps['config'], logger: Logger): FastifyServerOptions {
  const { tls, listen, http } = config;
  const timeouts = { headersTimeout: HEADERS_MILLISECONDS };
  const options = {
    // Its lines per request are switched off: one line per request is the business of `first`.
    ...(canHaveChildren(logger) ? { loggerInstance: logger } : { logger: false }),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    requestIdHeader: false,
    genReqId: requestIdOf,
    trustProxy: listen.trustedProxies.length > 0 ? listen.trustedProxies : false,
    bodyLimit: http.bodyLimitBytes,
    requestTimeout: REQUEST_MILLISECONDS,
    keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
    forceCloseConnections: 'idle',
    // Values are taken as they are or refused: nothing is coerced, dropped or filled in.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    frameworkErrors: (error, request, reply) => renderJsonError(request, reply, toAppError(error)),
    clientErrorHandler: answerMalformedHttp,
  } satisfies FastifyServerOptions;
  const server = tls
    ? {
        https: {
          ...timeouts,
          cert: readFileSync(tls.cert),
          key: readFileSync(tls.key),
          minVersion: 'TLSv1.2',
          ...clientCertificates(config),
        },
      }
    : { http: timeouts };
  return { ...options, ...server };
}

/**
 * RFC 8705 §2: a certificate is asked for and need not come; one that no authority vouches for is taken as well, for it
 * may be self-signed and registered. What it proves is judged where a client or a token depends on it.
 */
function clientCertificates({ mutualTls }: Deps['config']): object {
  if (!mutualTls.enabled) return {};
  const ca = mutualTls.caFile === undefined ? {} : { ca: readFileSync(mutualTls.caFile) };
  return { requestCert: true, rejectUnauthorized: false, ...ca };
}

/** pino can; a plain collector in a test cannot, and needs not. */
function canHaveChildren(logger: Logger): logger is Logger & FastifyBaseLogger {
  return 'child' in logger && 'fatal' in logger;
}

/** What is not even HTTP has no request to answer to: a typed error on the bare socket, then the end. */
function answerMalformedHttp(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const body = JSON.stringify({
    error: { code: 'BAD_USER_INPUT', message: 'The request is not well-formed.' },
  });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
