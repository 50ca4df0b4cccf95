import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import proxyAddr from '@fastify/proxy-addr';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/schema.js';
import { PUBLIC_CORS_HEADERS } from './cors.js';
import { requestIdOf } from './requestOrigin.js';
import { commonSecurityHeaders } from './securityHeaders.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** By path: what `answerFirst` answers without a hook. */
    publicDocuments: Map<string, () => PublicDocument>;
  }
}

/** A public document as it is sent: made when what it says has changed, not for each request. */
export interface PublicDocument {
  readonly text: string;
  /** Of the document: its type, for how long it may be cached, its strong ETag (RFC 9110 §8.8.3). */
  readonly headers: Readonly<Record<'etag' | 'cache-control' | 'content-type', string>>;
}

/** What is told of a request that was answered here. */
export interface AnsweredRequest {
  readonly requestId: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly durationMilliseconds: number;
  readonly address: string;
}

export function publicDocument(
  body: object,
  { contentType, maxAgeSeconds }: { contentType: string; maxAgeSeconds: number },
): PublicDocument {
  const text = JSON.stringify(body);
  return {
    text,
    headers: {
      etag: `"${createHash('sha256').update(text).digest('base64url')}"`,
      'cache-control': `public, max-age=${maxAgeSeconds}`,
      'content-type': contentType,
    },
  };
}

/** Sends a public document by a route; 304 when the caller has it (RFC 9110 §13.1.2). */
export function sendPublicDocument(
  request: FastifyRequest,
  reply: FastifyReply,
  document: PublicDocument,
): void {
  const { 'content-type': contentType, ...cached } = document.headers;
  reply.headers(cached);
  if (matches(request.headers['if-none-match'], cached.etag)) void reply.code(304).send();
  else void reply.type(contentType).send(document.text);
}

/**
 * Answers plain GETs of the public documents before Fastify and its hooks, with the same headers, log line and numbers:
 * gateways and resource servers ask for them most, and the answer is known before the question. Everything else goes on
 * to the routes: other methods, query strings, preflights, origins that may send credentials, a server that closes.
 * They count against no limit: to refuse one would cost as much as to answer it, and what they tell is public.
 */
export function answerFirst(
  app: FastifyInstance,
  config: Config,
  observer: (request: AnsweredRequest) => void = () => undefined,
): void {
  const documents = new Map<string, () => PublicDocument>();
  app.decorate('publicDocuments', documents);
  const heads = createHeads(config);
  const addressOf = addressReader(config);
  const listed = new Set(config.http.corsOrigins);
  let isClosing = false;
  app.addHook('preClose', (done) => {
    isClosing = true;
    done();
  });

  const documentFor = ({ method, url = '', headers: { origin } }: IncomingMessage): PublicDocument | null => {
    if (method !== 'GET' || isClosing || (origin !== undefined && listed.has(origin))) return null;
    try {
      return documents.get(url)?.() ?? null;
    } catch {
      // Its route fails the same way, and says so as every failure is said.
      return null;
    }
  };

  const answer = (request: IncomingMessage, response: ServerResponse, document: PublicDocument): void => {
    const startedAt = performance.now();
    const requestId = requestIdOf(request);
    const isKnown = matches(request.headers['if-none-match'], document.headers.etag);
    const status = isKnown ? 304 : 200;
    const { found, unchanged } = heads(document);
    response.writeHead(status, ['x-request-id', requestId, ...(isKnown ? unchanged : found)]);
    // As text it leaves in one write with its head.
    response.end(isKnown ? undefined : document.text);
    observer({
      requestId,
      method: 'GET',
      // One of ours, or it would not be here.
      route: request.url ?? '',
      status,
      durationMilliseconds: performance.now() - startedAt,
      address: addressOf(request),
    });
  };

  const others = app.server.listeners('request') as ((...args: [IncomingMessage, ServerResponse]) => void)[];
  app.server.removeAllListeners('request');
  app.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const document = documentFor(request);
    if (document) answer(request, response, document);
    else for (const other of others) other.call(app.server, request, response);
  });
}

/** Names and values in turns, as `writeHead` takes them fastest. */
type Head = readonly string[];

/** The heads of a document's answers, written once for each document. */
function createHeads(config: Config): (document: PublicDocument) => { found: Head; unchanged: Head } {
  const always = Object.entries({ ...commonSecurityHeaders(config), ...PUBLIC_CORS_HEADERS }).flat();
  const known = new WeakMap<PublicDocument, { found: Head; unchanged: Head }>();
  const write = (document: PublicDocument) => {
    const { 'content-type': contentType, ...cached } = document.headers;
    const unchanged = [...always, ...Object.entries(cached).flat()];
    const length = String(Buffer.byteLength(document.text));
    const heads = { unchanged, found: [...unchanged, 'content-type', contentType, 'content-length', length] };
    known.set(document, heads);
    return heads;
  };
  return (document) => known.get(document) ?? write(document);
}

/** As `request.ip` of Fastify, which uses the same package. */
function addressReader({ listen }: Config): (request: IncomingMessage) => string {
  if (listen.trustedProxies.length === 0) return (request) => request.socket.remoteAddress ?? '';
  const isTrusted = proxyAddr.compile(listen.trustedProxies);
  return (request) => proxyAddr(request, isTrusted);
}

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  // If-None-Match compares weakly: `W/` does not count.
  return ifNoneMatch.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);
}
