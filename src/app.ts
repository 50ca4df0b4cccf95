import type { FastifyInstance } from 'fastify';
import { ConfigError } from './config/configError.js';
import { pathText } from './config/issues.js';
import type { Config } from './config/schema.js';
import { createHttpServer } from './http/server.js';
import { prepareBreakGlass } from './identity/accounts/breakGlass.js';
import { createDeclaredUsers, createFirstAdministrator } from './identity/accounts/firstUsers.js';
import { createAuditTrail } from './identity/audit/trail.js';
import { upsertDeclaredClients } from './identity/clients/declaredClients.js';
import { ensureFirstPartyClient } from './identity/clients/firstPartyClient.js';
import { createDecisionLog } from './identity/decisions.js';
import type { Deps } from './identity/deps.js';
import { createKeyRing } from './identity/keys/keyRing.js';
import { openSecrets } from './identity/keys/secrets.js';
import { startLogoutDelivery } from './identity/logout/deliverLogouts.js';
import { createMessageDispatcher } from './identity/messages/dispatcher.js';
import { createOutbox, type Outbox } from './identity/messages/outbox.js';
import { createMailTransport, createSmsTransport } from './identity/messages/transports.js';
import { createPasswordHasher } from './identity/passwords/hasher.js';
import { createPolicySampler } from './identity/policy/sampling.js';
import { createPolicySource, declaredFaults } from './identity/policySource.js';
import type { Clock, Logger, MailTransport, SmsTransport } from './identity/ports.js';
import { openPlaces, type Places } from './identity/risk/places.js';
import { createDenylist } from './identity/tokens/denylist.js';
import { startUpkeep } from './identity/upkeep.js';
import { buildIndexes, createModels } from './models/models.js';
import { mountOAuth } from './oauth/mount.js';
import { createMetrics } from './observability/metrics.js';
import { observeRequests, requestObserver } from './observability/observe.js';
import { mountPages } from './pages/mount.js';
import { type Api, buildApi } from './resolvers/api.js';
import { mountGraphQL } from './resolvers/server.js';
import { mountOperations } from './rest/health.js';
import { mountRest } from './rest/mount.js';
import type { EphemeralStore } from './stores/ephemeral.js';
import { createInProcessStore } from './stores/inProcess.js';
import { runMigrations } from './stores/migrations.js';
import { connectMongo, type MongoStore } from './stores/mongo.js';

export interface AppOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Replace what `config` would connect to; not closed by `App.close`. */
  readonly mongo?: MongoStore;
  readonly ephemeral?: EphemeralStore;
  readonly mail?: MailTransport;
  readonly sms?: SmsTransport;
}

export interface App {
  readonly http: FastifyInstance;
  readonly deps: Deps;
  /** Mails and messages of an installation without transports. */
  readonly outbox: Outbox;
  /** Starts to listen and resolves with the base URL. */
  listen(): Promise<string>;
  /** Ends requests under way, sends what waits to be sent, flushes the audit trail, closes what was opened; last opened first. */
  close(): Promise<void>;
}

/**
 * Builds the whole house: stores, use cases, doors. Resolves when it can answer requests; `listen` opens the port.
 * When a part cannot start, what was already opened is closed again.
 * @throws ConfigError that lists every fault of the configured roles and scopes; AppError UNAVAILABLE when a store cannot be reached, INTERNAL when the master key is lost or wrong
 */
export async function createApp(options: AppOptions): Promise<App> {
  const opened: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (let next = opened.pop(); next; next = opened.pop()) await next();
  };
  try {
    return await compose(options, opened, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function compose(
  options: AppOptions,
  opened: (() => unknown)[],
  close: () => Promise<void>,
): Promise<App> {
  const { config, logger, clock = () => new Date() } = options;
  const closing = <T extends { close(): unknown }>(part: T): T => {
    opened.push(() => part.close());
    return part;
  };

  const api = buildApi();
  refuseFaultyPolicy(config, api);
  const places = await placesOf({ config, clock, logger });
  const mongo = options.mongo ?? closing(await openMongo(config, logger));
  const ephemeral = options.ephemeral ?? closing(await openEphemeral(config, logger, clock));
  const models = createModels(mongo.connection, clock);
  await runMigrations(mongo.connection, { logger, clock });
  await buildIndexes(models);

  const secrets = closing(await openSecrets({ config, clock, logger, models, ephemeral }));
  const base = { config, clock, logger, models, ephemeral, secrets };
  const outbox = createOutbox();
  const keys = closing(await createKeyRing(base));
  const audit = closing(createAuditTrail({ ...base, keys }));
  const mail = options.mail ?? closing(await createMailTransport(config, outbox, logger, clock));
  const sms = options.sms ?? createSmsTransport(config, outbox, logger, clock);
  const metrics = createMetrics();
  const passwords = createPasswordHasher(config);
  metrics.watchPasswordQueue(() => passwords.queueState());
  const deps: Deps = {
    ...base,
    audit,
    mail,
    sms,
    metrics,
    messages: closing(createMessageDispatcher({ logger, audit })),
    passwords,
    keys,
    denylist: closing(await createDenylist(base)),
    decisions: closing(createDecisionLog(base)),
    policy: closing(await createPolicySource({ ...base, catalog: api.catalog })),
    samples: closing(createPolicySampler(base)),
    places,
  };

  await ensureFirstPartyClient(deps);
  await upsertDeclaredClients(deps);
  await announceAdministrator(deps);
  await createDeclaredUsers(deps);
  await prepareBreakGlass(deps);
  closing(startUpkeep(deps));
  closing(startLogoutDelivery(deps));

  const observer = requestObserver({ logger, metrics });
  const http = closing(
    await createHttpServer(deps, { first: (app) => observeRequests(app, observer), answered: observer }),
  );
  mountOperations(http, deps, { pingDatabase: () => mongo.ping(), outbox });
  await mountOAuth(http, deps);
  await mountRest(http, deps, api.catalog);
  await mountGraphQL(http, deps, api);
  await mountPages(http, deps);
  await http.ready();

  const { host, port } = config.listen;
  return { http, deps, outbox, listen: () => http.listen({ host, port }), close };
}

/** Rules name types and fields of the API, which configuration alone does not know: they are checked before all else. */
function refuseFaultyPolicy(config: Config, { catalog }: Api): void {
  const faults = declaredFaults(catalog, config);
  if (faults.length === 0) return;
  throw new ConfigError(faults.map(({ path, message }) => ({ path: pathText(path), message })));
}

/** @throws ConfigError for a file that is none */
function placesOf(deps: Parameters<typeof openPlaces>[0]): Promise<Places> {
  return openPlaces(deps).catch((cause: unknown) => {
    throw new ConfigError([{ path: 'risk.placesFile', message: (cause as Error).message }]);
  });
}

function openMongo(config: Config, logger: Logger): Promise<MongoStore> {
  return connectMongo({ uri: config.stores.mongodbUri, dataDirectory: config.dataDirectory, logger });
}

async function openEphemeral(config: Config, logger: Logger, clock: Clock): Promise<EphemeralStore> {
  const { redisUrl } = config.stores;
  if (redisUrl === undefined) return createInProcessStore(clock);
  const { connectRedis } = await import('./stores/redis.js');
  return connectRedis(redisUrl, logger);
}

/** The first start makes an administrator; where its password was written stands in the log once, the password never. */
async function announceAdministrator(deps: Deps): Promise<void> {
  const made = await createFirstAdministrator(deps);
  if (!made) return;
  const { passwordFile } = made;
  deps.logger.info(
    { passwordFile },
    `administrator "${deps.config.admin.username}" created; its password is in ${passwordFile}`,
  );
}
