import { hash, timingSafeEqual } from 'node:crypto';
import { BlockList, isIPv6 } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import type { Deps } from '../identity/deps.js';

const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv4');
}
PRIVATE.addAddress('::1', 'ipv6');
PRIVATE.addSubnet('fc00::', 7, 'ipv6');
PRIVATE.addSubnet('fe80::', 10, 'ipv6');

/** `/metrics` in Prometheus' text format; with `metrics.token` for its bearer only, else for private addresses only. */
export function addMetrics(app: FastifyInstance, deps: Deps): void {
  app.get(
    '/metrics',
    {
      config: { generalLimit: false },
      schema: { tags: ['Operations'], operationId: 'metrics', summary: 'Metrics for Prometheus' },
    },
    async (request, reply) => {
      assertMayScrape(deps.config, request);
      const { contentType, text } = await deps.metrics.expose();
      return reply.header('content-type', contentType).header('cache-control', 'no-store').send(text);
    },
  );
}

function assertMayScrape(config: Deps['config'], request: FastifyRequest): void {
  const { token } = config.metrics;
  if (token !== undefined) {
    if (isSame(request.headers.authorization ?? '', `Bearer ${token}`)) return;
    throw new AppError('UNAUTHENTICATED', 'scrape without the metrics token');
  }
  const { headers, ip } = request;
  // A proxy that is not configured as trusted has a private address itself and would open this to the world.
  const isForwarded = headers['x-forwarded-for'] !== undefined || headers['forwarded'] !== undefined;
  const isUnknownProxy = isForwarded && config.listen.trustedProxies.length === 0;
  if (!isUnknownProxy && PRIVATE.check(ip.replace(/%.*$/, ''), isIPv6(ip) ? 'ipv6' : 'ipv4')) return;
  throw new AppError('FORBIDDEN', 'scrape from a public address', {
    remedy: 'set metrics.token and send it as bearer token',
  });
}

/** Equal in constant time, whatever the lengths. */
function isSame(left: string, right: string): boolean {
  return timingSafeEqual(hash('sha256', left, 'buffer'), hash('sha256', right, 'buffer'));
}
