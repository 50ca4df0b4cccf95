import cluster from 'node:cluster';
import { randomUUID } from 'node:crypto';
import { AggregatorRegistry, type Registry } from 'prom-client';

const ASK = 'fieldgate:metrics:ask';
const ANSWER = 'fieldgate:metrics:answer';
const PATIENCE_MILLISECONDS = 3000;

interface Ask {
  type: typeof ASK;
  id: string;
}

interface Answer {
  type: typeof ANSWER;
  id: string;
  text: string | null;
}

const hasType = <T extends { type: string }>(message: unknown, type: T['type']): message is T =>
  typeof message === 'object' && message !== null && 'type' in message && message.type === type;

/** In a worker: lets the primary read these numbers. Elsewhere nothing. */
export function shareWithCluster(registry: Registry): void {
  if (!cluster.isWorker) return;
  AggregatorRegistry.setRegistries([registry]);
  // Its constructor installs the listener that answers the primary.
  void new AggregatorRegistry();
}

/**
 * In the primary process: answers workers that ask for the sum over all workers. Call once, before the first
 * fork. The scrape reaches any one worker, so it must not see that worker's numbers only.
 */
export function serveClusterMetrics(): void {
  const aggregator = new AggregatorRegistry();
  cluster.on('message', (worker, message: unknown) => {
    if (!hasType<Ask>(message, ASK)) return;
    const answer = (text: string | null): void => {
      const reply: Answer = { type: ANSWER, id: message.id, text };
      if (worker.isConnected()) worker.send(reply);
    };
    aggregator.clusterMetrics().then(answer, () => answer(null));
  });
}

/** In a worker: the numbers of all workers added up; null elsewhere, and when the primary does not answer in time. */
export async function readClusterMetrics(): Promise<string | null> {
  if (!cluster.isWorker || process.send === undefined) return null;
  const ask: Ask = { type: ASK, id: randomUUID() };
  const answered = new Promise<string | null>((resolve) => {
    const settle = (text: string | null): void => {
      clearTimeout(timer);
      process.off('message', listen);
      resolve(text);
    };
    const listen = (message: unknown): void => {
      if (hasType<Answer>(message, ANSWER) && message.id === ask.id) settle(message.text);
    };
    const timer = setTimeout(() => settle(null), PATIENCE_MILLISECONDS);
    process.on('message', listen);
  });
  process.send(ask);
  return answered;
}
