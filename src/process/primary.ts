import cluster, { type Worker } from 'node:cluster';
import type { Logger as Pino } from 'pino';
import type { Config } from '../config/schema.js';
import { serveClusterMetrics } from '../observability/clusterMetrics.js';
import { drainOnSignal } from './exit.js';
import { isReady, logReady } from './ready.js';
import { restartDelayMilliseconds } from './restartDelay.js';

interface Engine {
  readonly uri: string;
  close(): Promise<void>;
}

/**
 * Runs `config.workers` processes that share the port. The primary serves nothing itself: it holds the embedded engine
 * when there is no MongoDB, starts the first worker alone (so that one process makes keys, indexes and the first
 * administrator), then the others, and replaces those that die.
 */
export async function runPrimary(config: Config, logger: Pino): Promise<void> {
  if (!config.stores.redisUrl) {
    logger.warn(
      { workers: config.workers },
      'several workers without stores.redisUrl: rate limits count per process, and revocations reach the other workers by polling',
    );
  }
  const engine = config.stores.mongodbUri ? null : await startEngine(config);
  serveClusterMetrics();
  const crew = new Crew(logger, engine);
  drainOnSignal(logger, async () => {
    await crew.stop();
    await engine?.close();
  });

  const url = await crew.start();
  await Promise.all(Array.from({ length: config.workers - 1 }, () => crew.start()));
  logReady(config, logger, url);
}

class Crew {
  readonly #logger: Pino;
  readonly #environment: Record<string, string>;
  readonly #workers = new Set<Worker>();
  #stopping = false;
  #quickDeaths = 0;

  constructor(logger: Pino, engine: Engine | null) {
    this.#logger = logger;
    this.#environment = engine ? { FIELDGATE_STORES_MONGODB_URI: engine.uri } : {};
  }

  /** Starts one worker and resolves with its address when it answers; ends this process when it never does. */
  start(): Promise<string> {
    const worker = cluster.fork(this.#environment);
    const startedAt = performance.now();
    let ready = false;
    this.#workers.add(worker);
    return new Promise((resolve) => {
      worker.on('message', (message: unknown) => {
        if (!isReady(message)) return;
        ready = true;
        this.#logger.info({ workerPid: worker.process.pid }, 'a worker is ready');
        resolve(message.url);
      });
      worker.on('exit', (code, signal) => {
        this.#workers.delete(worker);
        if (this.#stopping) return;
        if (!ready) process.exit(code || 1);
        this.#replace(worker, performance.now() - startedAt, { code, signal });
      });
    });
  }

  /** Ends every worker and resolves when they are gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const gone = [...this.#workers].map((worker) => new Promise((resolve) => worker.once('exit', resolve)));
    for (const worker of this.#workers) worker.process.kill('SIGTERM');
    await Promise.all(gone);
  }

  #replace(worker: Worker, livedMilliseconds: number, end: { code: number; signal: string }): void {
    this.#quickDeaths = livedMilliseconds < 10_000 ? this.#quickDeaths + 1 : 0;
    const delayMilliseconds = restartDelayMilliseconds(this.#quickDeaths);
    this.#logger.error(
      { workerPid: worker.process.pid, ...end, delayMilliseconds },
      'a worker died and is replaced',
    );
    setTimeout(() => {
      if (!this.#stopping) void this.start();
    }, delayMilliseconds);
  }
}

async function startEngine(config: Config): Promise<Engine> {
  const { startEmbeddedEngine } = await import('../stores/embedded/engine.js');
  return startEmbeddedEngine(`${config.dataDirectory}/embedded`);
}
