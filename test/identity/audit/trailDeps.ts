import { randomBytes } from 'node:crypto';
import type { Deps } from '../../../src/identity/deps.js';
import { createKeyRing, type RunningKeyRing } from '../../../src/identity/keys/keyRing.js';
import { createSecretBox } from '../../../src/identity/keys/secretBox.js';
import type { AuditEvent } from '../../../src/models/auditEvent.js';
import { type ConfigInput, testConfig } from '../../support/deps.js';
import { openTestStores, type TestStores } from '../../support/stores.js';

export interface TrailDeps
  extends Pick<Deps, 'models' | 'config' | 'ephemeral' | 'secrets' | 'clock' | 'logger'> {
  readonly keys: RunningKeyRing;
  readonly stores: TestStores;
  /** What was logged as an error. */
  readonly errors: object[];
  setNow(iso: string): void;
  /** Every stored event in the order of its chain. */
  stored(): Promise<AuditEvent[]>;
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** What a trail needs, with real keys, and a time that stands still until it is set. */
export async function openTrailDeps(config: ConfigInput = {}): Promise<TrailDeps> {
  const stores = await openTestStores();
  const { models, ephemeral } = stores;
  const errors: object[] = [];
  let now = new Date('2026-03-01T10:00:00.000Z');
  const base = {
    models,
    ephemeral,
    config: testConfig(config),
    secrets: createSecretBox(randomBytes(32)),
    clock: () => now,
    logger: { debug() {}, info() {}, warn() {}, error: (fields: object) => void errors.push(fields) },
  };
  const keys = await createKeyRing(base);
  return {
    ...base,
    keys,
    stores,
    errors,
    setNow(iso) {
      now = new Date(iso);
    },
    stored: () => models.auditEvents.find().sort({ chain: 1, sequence: 1 }).lean(),
    async clear() {
      now = new Date('2026-03-01T10:00:00.000Z');
      errors.length = 0;
      await models.auditEvents.deleteMany({});
      await models.auditCheckpoints.deleteMany({});
      await models.subjectKeys.deleteMany({});
    },
    async close() {
      await keys.close();
      await stores.close();
    },
  };
}
