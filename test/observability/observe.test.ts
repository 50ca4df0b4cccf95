import { expect } from 'chai';
import Fastify from 'fastify';
import { createLogger } from '../../src/observability/logger.js';
import { createMetrics } from '../../src/observability/metrics.js';
import { observeRequests, requestObserver } from '../../src/observability/observe.js';

describe('an observed server', () => {
  it('logs one line per request with its template and id, probes at debug only, and counts all', async () => {
    const lines: Record<string, unknown>[] = [];
    const logger = createLogger(
      { logging: { level: 'info' } },
      { sink: { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) } },
    );
    const metrics = createMetrics();
    const app = Fastify({ genReqId: () => 'req-9' });
    observeRequests(app, requestObserver({ logger, metrics }));
    app.get('/users/:id', () => ({}));
    app.get('/health', () => ({}));
    await app.inject('/users/needle?token=needle');
    await app.inject('/health');
    await app.close();
    expect(lines).to.have.length(1);
    expect(lines[0]).to.include({
      requestId: 'req-9',
      method: 'GET',
      route: '/users/:id',
      status: 200,
      address: '127.0.0.1',
    });
    expect(JSON.stringify(lines)).not.to.include('needle');
    expect((await metrics.expose()).text).to.include('route="/health",status="200"} 1');
  });
});
