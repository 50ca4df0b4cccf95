import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import { methodNotAllowed } from '../http/errorReply.js';
import type { PublicDocument } from '../http/publicDocuments.js';
import type { Deps } from '../identity/deps.js';

/** One request to one endpoint, on its way through the steps. */
export interface Exchange {
  readonly deps: Deps;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Does one thing that the RFC asks for, in its order; throws to refuse. May read what the steps before it have set. */
export type Step<E extends Exchange> = (exchange: E) => void | Promise<void>;

/** An endpoint of the authorization server: mounted, documented and discovered from this one description. */
export interface Endpoint {
  /** May hold parameters as Fastify writes them (`/oauth/register/:clientId`). */
  readonly path: string;
  readonly methods: readonly ('GET' | 'POST' | 'PUT' | 'DELETE')[];
  /** Absent: always. What is off is not there: neither mounted nor discovered. */
  isOn?(config: Deps['config']): boolean;
  /** What RFC 8414 metadata says of it; `url` is its own address. */
  metadata(url: string, deps: Deps): Readonly<Record<string, unknown>>;
  /** For the OpenAPI document; validates nothing: OAuth has its own errors. */
  readonly schema: FastifySchema & { tags: string[]; summary: string; operationId: string };
  /** False: calls of gateways, which are counted only when they are refused. */
  readonly generalLimit?: boolean;
  /** What it answers to everybody: plain GETs get it before all else. */
  document?(deps: Deps): PublicDocument;
  /** Answers the request. @throws AppError */
  handle(exchange: Exchange): Promise<void>;
}

/** Runs the steps in order; the first that throws ends the exchange. */
export async function runSteps<E extends Exchange>(
  exchange: Exchange,
  steps: readonly Step<E>[],
): Promise<void> {
  for (const step of steps) await step(exchange as E);
}

/** RFC 6749 §5.1: answers that hold tokens or personal data are never cached. */
export const forbidCaching: Step<Exchange> = ({ reply }) => {
  reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' });
};

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Puts an endpoint on the server; its other methods answer 405 with Allow (RFC 6749 §3.2: token requests are POST). */
export function mountEndpoint(app: FastifyInstance, deps: Deps, endpoint: Endpoint): void {
  const config = { csrf: false, ...(endpoint.generalLimit === false && { generalLimit: false }) };
  for (const [index, method] of endpoint.methods.entries()) {
    const { operationId } = endpoint.schema;
    app.route({
      method,
      url: endpoint.path,
      // OpenAPI: an operation id names one operation.
      schema: { ...endpoint.schema, operationId: index === 0 ? operationId : `${operationId}By${method}` },
      config,
      handler: async (request, reply) => {
        await endpoint.handle({ deps, request, reply });
        return reply;
      },
    });
  }
  if (endpoint.document) {
    const document = endpoint.document.bind(endpoint, deps);
    app.publicDocuments.set(endpoint.path, document);
  }
  const others = METHODS.filter((method) => !(endpoint.methods as readonly string[]).includes(method));
  app.route({
    method: others,
    url: endpoint.path,
    schema: { hide: true },
    config: { csrf: false },
    // Before the body is read: nothing of it matters.
    onRequest: () => {
      throw methodNotAllowed(endpoint.methods);
    },
    handler: () => {
      throw methodNotAllowed(endpoint.methods);
    },
  });
}
