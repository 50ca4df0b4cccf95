import { ConfigError } from './config/configError.js';
import { pathText } from './config/issues.js';
import type { Config } from './config/schema.js';
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
import { type AppMetrics, createMetrics } from './observability/metrics.js';
import { type Api, buildApi } from './resolvers/api.js';
import type { EphemeralStore } from './stores/ephemeral.js';
import { createInProcessStore } from './stores/inProcess.js';
import { runMigrations } from './stores/migrations.js';
import { connectMongo, type MongoStore } from './stores/mongo.js';
import { assertRestored } from './stores/restoreMark.js';

export interface HouseOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Replace what `config` would connect to; not closed by `House.close`. */
  readonly mongo?: MongoStore;
  readonly ephemeral?: EphemeralStore;
  readonly mail?: MailTransport;
  readonly sms?: SmsTransport;
}

/** Everything behind the doors. */
export interface House {
  readonly deps: Deps;
  readonly api: Api;
  readonly metrics: AppMetrics;
  /** Mails and messages of an installation without transports. */
  readonly outbox: Outbox;
  /** @throws AppError UNAVAILABLE when the database does not answer */
  readonly pingDatabase: () => Promise<void>;
  /** Sends what waits to be sent, flushes the audit trail, closes what was opened; last opened first. */
  close(): Promise<void>;
}

/**
 * Builds stores and use cases: what the doors of a server, and the commands of the command line, work with.
 * When a part cannot start, what was already opened is closed again.
 * @throws ConfigError that lists every fault of the configured roles and scopes; AppError UNAVAILABLE when a store cannot be reached, INTERNAL when the master key is lost or wrong
 */
export async function openHouse(options: HouseOptions): Promise<House> {
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
  options: HouseOptions,
  opened: (() => unknown)[],
  close: () => Promise<void>,
): Promise<House> {
  const { config, logger, clock = () => new Date() } = options;
  const closing = <T extends { close(): unknown }>(part: T): T => {
    opened.push(() => part.close());
    return part;
  };

  const api = buildApi();
  refuseFaultyPolicy(config, api);
  const places = await placesOf({ config, clock, logger });
  const mongo = options.mongo ?? closing(await openMongo(config, logger));
  await assertRestored(mongo.connection);
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
  return { deps, api, metrics, outbox, pingDatabase: () => mongo.ping(), close };
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
