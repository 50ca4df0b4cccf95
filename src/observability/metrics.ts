import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics } from '../identity/ports.js';
import { readClusterMetrics, shareWithCluster } from './clusterMetrics.js';
import { processMetrics } from './processMetrics.js';

// Seconds. A refresh or a lookup is a few milliseconds, a password check some 30 and more while it waits its turn.
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

// A label is bounded, whatever a caller sends as grant_type.
const GRANT_LABELS: ReadonlyMap<string, string> = new Map([
  ...['authorization_code', 'refresh_token', 'client_credentials', 'password'].map(
    (name) => [name, name] as const,
  ),
  ['urn:ietf:params:oauth:grant-type:device_code', 'device_code'],
  ['urn:ietf:params:oauth:grant-type:token-exchange', 'token_exchange'],
]);

// Reasons come from our own code as short words; anything else is a caller's text that strayed in.
const WORD = /^[A-Za-z][\w-]{0,39}$/;

export interface HttpRequestMeasured {
  readonly method: string;
  /** The route's template (`/users/:id`), never the path that was asked for. */
  readonly route: string;
  readonly statusCode: number;
  readonly durationSeconds: number;
}

export interface AppMetrics extends Metrics {
  readonly registry: Registry;
  httpRequest(request: HttpRequestMeasured): void;
}

/**
 * The numbers of one app in a registry of its own, beside those of the process. Labels are bounded: no user,
 * path, address, client or operation name ever becomes one. Names and meanings: `docs/observability.md`.
 */
export function createMetrics(): AppMetrics {
  const registry = new Registry();
  const registers = [registry];
  for (const metric of processMetrics().getMetricsAsArray()) registry.registerMetric(metric as never);

  const tokenRequests = new Counter({
    name: 'auth_token_requests_total',
    help: 'Requests for tokens, by grant and outcome (success, refused, error)',
    labelNames: ['grant', 'outcome'],
    registers,
  });
  const tokenDuration = new Histogram({
    name: 'auth_token_request_duration_seconds',
    help: 'Time taken by requests for tokens, by grant',
    labelNames: ['grant'],
    buckets: BUCKETS,
    registers,
  });
  const failedSignIns = new Counter({
    name: 'auth_failed_login_attempts_total',
    help: 'Sign-ins refused, by reason',
    labelNames: ['reason'],
    registers,
  });
  const rotations = new Counter({
    name: 'auth_refresh_token_rotations_total',
    help: 'Uses of refresh tokens, by outcome (rotated, replayed, theft, refused)',
    labelNames: ['outcome'],
    registers,
  });
  const httpRequests = new Counter({
    name: 'http_requests_total',
    help: 'HTTP requests, by method, route template and status',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const httpDuration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time taken by HTTP requests, by method and route template',
    labelNames: ['method', 'route'],
    buckets: BUCKETS,
    registers,
  });
  const operations = new Counter({
    name: 'graphql_operations_total',
    help: 'GraphQL operations, by type and outcome (success, partial, failed)',
    labelNames: ['type', 'outcome'],
    registers,
  });
  const operationDuration = new Histogram({
    name: 'graphql_operation_duration_seconds',
    help: 'Time taken by GraphQL operations, by type',
    labelNames: ['type'],
    buckets: BUCKETS,
    registers,
  });

  shareWithCluster(registry);

  return {
    registry,
    tokenRequest(grantType, outcome, durationSeconds) {
      const grant = GRANT_LABELS.get(grantType) ?? 'other';
      tokenRequests.inc({ grant, outcome });
      tokenDuration.observe({ grant }, durationSeconds);
    },
    failedSignIn(reason) {
      failedSignIns.inc({ reason: WORD.test(reason) ? reason : 'other' });
    },
    refreshRotation(outcome) {
      rotations.inc({ outcome });
    },
    graphqlOperation(type, outcome, durationSeconds) {
      operations.inc({ type, outcome });
      operationDuration.observe({ type }, durationSeconds);
    },
    httpRequest({ method, route, statusCode, durationSeconds }) {
      httpRequests.inc({ method, route, status: statusCode });
      httpDuration.observe({ method, route }, durationSeconds);
    },
    watchPasswordQueue: (read) => addPasswordQueue(registry, read),
    async expose() {
      const text = (await readClusterMetrics()) ?? (await registry.metrics());
      return { contentType: registry.contentType, text };
    },
  };
}

function addPasswordQueue(registry: Registry, read: () => { running: number; waiting: number }): void {
  registry.removeSingleMetric('password_hash_queue');
  const gauge: Gauge<'state'> = new Gauge({
    name: 'password_hash_queue',
    help: 'Password hashes being computed (running) and waiting for a turn (waiting)',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const { running, waiting } = read();
      gauge.set({ state: 'running' }, running);
      gauge.set({ state: 'waiting' }, waiting);
    },
  });
}
