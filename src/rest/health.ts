import { createRequire } from 'node:module';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../identity/deps.js';
import type { Outbox } from '../identity/messages/outbox.js';
import { addMetrics } from './metrics.js';
import { addOutbox } from './outbox.js';

const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string };
const PING_MILLISECONDS = 2000;
const TAGS = ['Operations'];

export interface Operations {
  /** Resolves when the database answers. */
  readonly pingDatabase: () => Promise<void>;
  readonly outbox: Outbox;
}

/** Mounts `/health`, `/livez`, `/metrics` and, in development only, `/dev/outbox`. */
export function mountOperations(app: FastifyInstance, deps: Deps, operations: Operations): void {
  addHealth(app, deps, operations);
  if (deps.config.metrics.enabled) addMetrics(app, deps);
  if (deps.config.environment === 'development') addOutbox(app, operations.outbox);
}

function addHealth(app: FastifyInstance, deps: Deps, { pingDatabase }: Operations): void {
  // A probe that is refused takes the replica out of service: probes are not counted.
  const config = { generalLimit: false };
  const status = { type: 'string' } as const;
  const schema = {
    type: 'object',
    properties: { status, version: status, database: status, redis: status },
  } as const;

  app.get(
    '/livez',
    { config, schema: { tags: TAGS, operationId: 'livez', summary: 'The process answers' } },
    (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }),
  );

  app.get(
    '/health',
    {
      config,
      schema: {
        tags: TAGS,
        operationId: 'health',
        summary: 'Whether requests can be served: 503 without the database; `degraded` without Redis',
        response: { 200: { ...schema, description: 'Ready' }, 503: { ...schema, description: 'Not ready' } },
      },
    },
    async (_request, reply) => {
      const [database, ephemeral] = await Promise.all([
        answers(pingDatabase),
        answers(() => deps.ephemeral.ping()),
      ]);
      const redis = ephemeral
        ? deps.config.stores.redisUrl === undefined
          ? 'in-process'
          : 'ok'
        : 'unavailable';
      return reply
        .code(database ? 200 : 503)
        .header('cache-control', 'no-store')
        .send({
          status: !database ? 'unavailable' : ephemeral ? 'ok' : 'degraded',
          version,
          database: database ? 'ok' : 'unavailable',
          redis,
        });
    },
  );
}

/** A store that hangs is as good as gone: the probe answers in time. */
async function answers(ping: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PING_MILLISECONDS);
  });
  const pinged = ping().then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([pinged, late]);
  } finally {
    clearTimeout(timer);
  }
}
