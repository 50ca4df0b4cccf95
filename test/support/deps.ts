import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import { type Config, configSchema } from '../../src/config/schema.js';
import { createAuditTrail } from '../../src/identity/audit/trail.js';
import { createDecisionLog } from '../../src/identity/decisions.js';
import type { Deps } from '../../src/identity/deps.js';
import { createKeyRing, type RunningKeyRing } from '../../src/identity/keys/keyRing.js';
import { createSecretBox } from '../../src/identity/keys/secretBox.js';
import { createMessageDispatcher } from '../../src/identity/messages/dispatcher.js';
import { createPasswordHasher } from '../../src/identity/passwords/hasher.js';
import { createPolicySampler } from '../../src/identity/policy/sampling.js';
import { createPolicySource } from '../../src/identity/policySource.js';
import type { Mail, RequestOrigin, Sms } from '../../src/identity/ports.js';
import { createDenylist, type RunningDenylist } from '../../src/identity/tokens/denylist.js';
import { createModels } from '../../src/models/models.js';
import type { User } from '../../src/models/user.js';
import { createMetrics } from '../../src/observability/metrics.js';
import { buildApi } from '../../src/resolvers/api.js';
import type { EphemeralStore } from '../../src/stores/ephemeral.js';
import type { MovableClock } from './clock.js';
import { silentLogger } from './logger.js';
import { openTestStores, type TestStores } from './stores.js';

export type ConfigInput = z.input<typeof configSchema>;

export interface TestDeps {
  deps: Deps & { keys: RunningKeyRing; denylist: RunningDenylist };
  stores: TestStores;
  /** Time as every part sees it; `advance` moves it. */
  clock: MovableClock;
  /** Sent so far; `settled()` first, since messages leave in the background. */
  mails: Mail[];
  texts: Sms[];
  /** Resolves when every message has left and every audit event so far is stored. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface TestDepsOptions {
  /** Over defaults that are quick: ES256, cheap argon2. */
  config?: ConfigInput;
  /** Replaces parts. */
  deps?: Partial<Deps>;
  /** Of another TestDeps: the two are replicas of one installation then. */
  replicaOf?: TestDeps;
  /** In place of that of the stores; closed by whoever made it. One of its own hears no message of other replicas. */
  ephemeral?: EphemeralStore;
}

export const ORIGIN: RequestOrigin = {
  requestId: 'test-request',
  address: '203.0.113.7',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
};

/** A real Deps on real stores; only the clock and the transports of mail and SMS are replaced. */
export async function createTestDeps(options: TestDepsOptions = {}): Promise<TestDeps> {
  const stores = options.replicaOf?.stores ?? (await openTestStores());
  const { clock } = stores;
  const ephemeral = options.ephemeral ?? stores.ephemeral;
  // Models of its own, so that a test may break one replica's and not the other's.
  const models = options.replicaOf ? createModels(sameDatabase(stores), clock) : stores.models;
  const config = options.replicaOf?.deps.config ?? testConfig(options.config);
  const logger = silentLogger;
  const mails: Mail[] = [];
  const texts: Sms[] = [];
  const secrets = options.replicaOf?.deps.secrets ?? createSecretBox(randomBytes(32));
  const base = { config, clock, logger, models, ephemeral, secrets };
  const keys = await createKeyRing(base);
  const audit = createAuditTrail({ ...base, keys });
  const denylist = await createDenylist(base);
  const policy = await createPolicySource({ ...base, catalog: buildApi().catalog });
  const messages = createMessageDispatcher({ logger, audit });
  const samples = createPolicySampler(base);
  const decisions = createDecisionLog(base);
  const deps = {
    ...base,
    metrics: createMetrics(),
    audit,
    mail: { send: async (mail: Mail) => void mails.push(mail) },
    sms: { send: async (sms: Sms) => void texts.push(sms) },
    messages,
    passwords: createPasswordHasher(config),
    policy,
    samples,
    decisions,
    places: { placeOf: () => null },
    ...options.deps,
    keys,
    denylist,
  };
  return {
    deps,
    stores,
    clock,
    mails,
    texts,
    async settled() {
      await messages.idle();
      // Grouped events wait for 25 ms; `record` then resolves after all that was handed over before it.
      await setTimeout(30);
      await audit.record({ action: 'test.settled', outcome: 'success', actor: { kind: 'system' } });
    },
    async close() {
      await messages.close();
      await audit.close();
      await keys.close();
      await denylist.close();
      await samples.close();
      await policy.close();
      await decisions.close();
      if (!options.replicaOf) await stores.close();
    },
  };
}

/** A stored account: active, confirmed, with role `user`. */
export async function storeUser(deps: Pick<Deps, 'models'>, fields: Partial<User> = {}): Promise<User> {
  const id = fields._id ?? uuidv7();
  const email = fields.email ?? `${id}@example.com`;
  const user = await deps.models.users.create({
    _id: id,
    email,
    emailNormalized: email.toLowerCase(),
    emailVerified: true,
    phoneVerified: false,
    status: 'active',
    roleAssignments: [{ role: 'user' }],
    attributes: {},
    mustChangePassword: false,
    ...fields,
  });
  const { passwordHash: _secret, ...readable } = user.toObject();
  return readable;
}

export function testConfig(overrides: ConfigInput = {}): Config {
  const quick: ConfigInput = {
    tokens: { algorithm: 'ES256' },
    logging: { level: 'silent' },
    policy: { sampleRate: 0 },
  };
  const config = configSchema.parse(merge(quick, overrides));
  if (overrides.passwords?.argon2) return config;
  const { passwords } = config;
  return { ...config, passwords: { ...passwords, argon2: { ...passwords.argon2, ...QUICK_HASH } } };
}

/** Costs that no configuration file may name: the suite hashes thousands of passwords. What a test asks for itself stands. */
const QUICK_HASH = { memoryKiB: 256, timeCost: 1 };

function merge(base: object, over: object): object {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const under = merged[key];
    merged[key] = isPlain(under) && isPlain(value) ? merge(under, value) : value;
  }
  return merged;
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sameDatabase({ connection }: TestStores): TestStores['connection'] {
  return connection.useDb(connection.name);
}
