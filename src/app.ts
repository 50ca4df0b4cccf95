import type { FastifyInstance } from 'fastify';
import { type House, type HouseOptions, openHouse } from './house.js';
import { createHttpServer } from './http/server.js';
import type { Deps } from './identity/deps.js';
import type { Outbox } from './identity/messages/outbox.js';
import { mountOAuth } from './oauth/mount.js';
import { observeRequests, requestObserver } from './observability/observe.js';
import { mountPages } from './pages/mount.js';
import { mountGraphQL } from './resolvers/server.js';
import { mountOperations } from './rest/health.js';
import { mountRest } from './rest/mount.js';

export interface App {
  readonly http: FastifyInstance;
  readonly deps: Deps;
  /** Mails and messages of an installation without transports. */
  readonly outbox: Outbox;
  /** Starts to listen and resolves with the base URL. */
  listen(): Promise<string>;
  /** Lets requests under way end, for a few seconds, then closes the house. */
  close(): Promise<void>;
}

/**
 * Opens the house and puts the doors in front of it. Resolves when it can answer requests; `listen` opens the port.
 * @throws what `openHouse` throws
 */
export async function createApp(options: HouseOptions): Promise<App> {
  const house = await openHouse(options);
  const { deps, outbox } = house;
  try {
    const http = await openDoors(house);
    const { host, port } = deps.config.listen;
    const close = async () => {
      await http.close();
      await house.close();
    };
    return { http, deps, outbox, listen: () => http.listen({ host, port }), close };
  } catch (error) {
    await house.close();
    throw error;
  }
}

async function openDoors({ deps, api, metrics, outbox, pingDatabase }: House): Promise<FastifyInstance> {
  const observer = requestObserver({ logger: deps.logger, metrics });
  const http = await createHttpServer(deps, {
    first: (app) => observeRequests(app, observer),
    answered: observer,
  });
  try {
    mountOperations(http, deps, { pingDatabase, outbox });
    await mountOAuth(http, deps);
    await mountRest(http, deps, api.catalog);
    await mountGraphQL(http, deps, api);
    await mountPages(http, deps);
    await http.ready();
    return http;
  } catch (error) {
    await http.close();
    throw error;
  }
}
