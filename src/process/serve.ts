import type { Logger as Pino } from 'pino';
import { createApp } from '../app.js';
import type { Config } from '../config/schema.js';
import { drainOnSignal } from './exit.js';
import { logReady, type ReadyMessage } from './ready.js';

/** Composes the app, listens, says so in one line, and drains on SIGTERM or SIGINT. */
export async function serve(config: Config, logger: Pino): Promise<void> {
  const app = await createApp({ config, logger });
  drainOnSignal(logger, () => app.close());
  const url = await app.listen();
  if (process.send) {
    process.send({ ready: true, url } satisfies ReadyMessage);
    return;
  }
  logReady(config, logger, url);
}
