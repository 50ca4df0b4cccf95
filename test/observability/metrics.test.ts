import { expect } from 'chai';
import Fastify from 'fastify';
import { countRequest } from '../../src/observability/httpMetrics.js';
import { createMetrics } from '../../src/observability/metrics.js';
import { observeRequests } from '../../src/observability/observe.js';

async function textOf(metrics: ReturnType<typeof createMetrics>): Promise<string> {
  return (await metrics.expose()).text;
}

describe('metrics', () => {
  it('counts token requests by grant and outcome, and times them', async () => {
    const metrics = createMetrics();
    metrics.tokenRequest('refresh_token', 'success', 0.004);
    metrics.tokenRequest('refresh_token', 'refused', 0.002);
    const text = await textOf(metrics);
    expect(text).to.include('auth_token_requests_total{grant="refresh_token",outcome="success"} 1');
    expect(text).to.include('auth_token_requests_total{grant="refresh_token",outcome="refused"} 1');
    expect(text).to.include('auth_token_request_duration_seconds_count{grant="refresh_token"} 2');
    expect(text).to.include(
      'auth_token_request_duration_seconds_bucket{le="0.0025",grant="refresh_token"} 1',
    );
  });

  it('keeps labels bounded, whatever a caller names', async () => {
    const metrics = createMetrics();
    for (let i = 0; i < 50; i++) {
      metrics.tokenRequest(`made-up-${i}`, 'refused', 0.001);
      metrics.failedSignIn(`user ${i} <script>`);
    }
    const text = await textOf(metrics);
    expect(text).to.include('auth_token_requests_total{grant="other",outcome="refused"} 50');
    expect(text).to.include('auth_failed_login_attempts_total{reason="other"} 50');
    expect(text).not.to.match(/made-up|<script>/);
  });

  it('counts refused sign-ins, rotations and GraphQL operations', async () => {
    const metrics = createMetrics();
    metrics.failedSignIn('INVALID_CREDENTIALS');
    metrics.refreshRotation('theft');
    metrics.graphqlOperation('query', 'partial', 0.01);
    const text = await textOf(metrics);
    expect(text).to.include('auth_failed_login_attempts_total{reason="INVALID_CREDENTIALS"} 1');
    expect(text).to.include('auth_refresh_token_rotations_total{outcome="theft"} 1');
    expect(text).to.include('graphql_operations_total{type="query",outcome="partial"} 1');
    expect(text).to.include('graphql_operation_duration_seconds_count{type="query"} 1');
  });

  it('reads the password queue at each scrape', async () => {
    const metrics = createMetrics();
    let waiting = 3;
    metrics.watchPasswordQueue(() => ({ running: 2, waiting }));
    expect(await textOf(metrics)).to.include('password_hash_queue{state="waiting"} 3');
    waiting = 0;
    expect(await textOf(metrics)).to.include('password_hash_queue{state="waiting"} 0');
  });

  it('gives each app numbers of its own, and all of them those of the process', async () => {
    const one = createMetrics();
    const other = createMetrics();
    one.refreshRotation('rotated');
    expect(await textOf(one)).to.include('rotations_total{outcome="rotated"} 1');
    expect(await textOf(other)).not.to.include('rotations_total{outcome="rotated"}');
    for (const metrics of [one, other]) {
      expect(await textOf(metrics)).to.match(/^process_cpu_seconds_total [\d.]+/m);
      expect(await textOf(metrics)).to.match(/^nodejs_eventloop_lag_p99_seconds /m);
    }
  });

  it('labels HTTP requests by route template, never by path', async () => {
    const metrics = createMetrics();
    const app = Fastify();
    observeRequests(app, (request) => countRequest(metrics, request));
    app.get('/users/:id', async () => ({}));
    await app.inject('/users/0192-needle');
    await app.inject('/no/such/needle');
    await app.close();
    const text = await textOf(metrics);
    expect(text).to.include('http_requests_total{method="GET",route="/users/:id",status="200"} 1');
    expect(text).to.include('http_requests_total{method="GET",route="unmatched",status="404"} 1');
    expect(text).to.include('http_request_duration_seconds_count{method="GET",route="/users/:id"} 1');
    expect(text).not.to.include('needle');
  });

  it('says which format it speaks', async () => {
    expect((await createMetrics().expose()).contentType).to.match(/^text\/plain; version=0\.0\.4/);
  });
});
