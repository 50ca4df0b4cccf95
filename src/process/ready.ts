import type { Logger as Pino } from 'pino';
import type { Config } from '../config/schema.js';

/** What a worker tells its primary when it answers requests. */
export interface ReadyMessage {
  readonly ready: true;
  readonly url: string;
}

/** Tells it from the other messages of a worker. */
export function isReady(message: unknown): message is ReadyMessage {
  return typeof message === 'object' && message !== null && 'ready' in message && 'url' in message;
}

/** The one line that tells where everything is, with the time since the process began. */
export function logReady(config: Config, logger: Pino, listening: string): void {
  const { issuer, graphql, environment, workers } = config;
  const explorer = graphql.explorer ?? environment === 'development';
  logger.info(
    {
      listening,
      graphql: `${issuer}/graphql`,
      ...(explorer && { explorer: `${issuer}/explorer` }),
      discovery: `${issuer}/.well-known/openid-configuration`,
      health: `${issuer}/health`,
      workers,
      readyInMilliseconds: Math.round(performance.now()),
    },
    `Fieldgate is ready on ${listening}`,
  );
}
