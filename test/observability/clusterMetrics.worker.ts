// Started by clusterMetrics.test.ts: the primary forks two copies of itself; one asks for the sum over both.
import cluster from 'node:cluster';
import { serveClusterMetrics } from '../../src/observability/clusterMetrics.js';
import { createMetrics } from '../../src/observability/metrics.js';

if (cluster.isPrimary) {
  serveClusterMetrics();
  let ready = 0;
  cluster.on('message', (worker, message: unknown) => {
    if (message === 'ready' && ++ready === 2) worker.send('scrape');
    if (typeof message === 'string' && message.startsWith('text:')) {
      process.stdout.write(message.slice('text:'.length), () => process.exit(0));
    }
  });
  cluster.fork();
  cluster.fork();
} else {
  const metrics = createMetrics();
  metrics.refreshRotation('rotated');
  process.on('message', (message) => {
    if (message !== 'scrape') return;
    void metrics.expose().then(({ text }) => process.send?.(`text:${text}`));
  });
  process.send?.('ready');
}
