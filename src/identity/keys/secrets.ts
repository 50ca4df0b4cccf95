import type { Config } from '../../config/schema.js';
import { AppError } from '../../errors.js';
import type { DataKey } from '../../models/dataKey.js';
import type { Deps, SecretBox } from '../deps.js';
import { ROOT, readDataKeys, UNNAMED, unwrap } from './dataKeys.js';
import { masterKeyIdOf } from './keyId.js';
import { loadMasterKey } from './masterKey.js';
import { MasterKeyError } from './masterKeyError.js';
import { openText, sealText } from './sealedText.js';
import { createDerivation } from './secretBox.js';

export const DATA_KEYS_CHANNEL = 'dataKeys';

const VERSION = 'v2';
/** A new key encrypts only after three times as long: everybody has learnt it by then. */
const POLL_MILLISECONDS = 10_000;

type SecretsDeps = Pick<Deps, 'clock' | 'ephemeral' | 'logger' | 'models'> & {
  config: Pick<Config, 'masterKey' | 'dataDirectory'>;
};

export interface RunningSecrets extends SecretBox {
  /** Takes over keys that were made elsewhere. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

interface OpenKey {
  readonly id: string;
  readonly key: Uint8Array;
  readonly activatesAt: Date;
}

/**
 * The secrets of an installation: its data keys and the root of derived keys, opened with the master key and kept in
 * step with the database. Ciphertexts read `v2.<data key>.<base64url(nonce | tag | text)>`; those of before (`v1.…`)
 * open too. What is derived is the same as long as the database lives, whatever becomes of the master key.
 * @throws MasterKeyError when the database was made under another master key; AppError INTERNAL when that is unreadable
 */
export async function openSecrets(deps: SecretsDeps): Promise<RunningSecrets> {
  const masterKey = await loadMasterKey(deps.config, deps.logger);
  const records = await readDataKeys(deps, masterKey);
  const keys = new Map<string, OpenKey>();
  let root: Uint8Array | null = null;
  for (const record of records) {
    const key = unwrap(masterKey, record);
    if (!key) throw wrongKey(masterKey, records);
    if (record._id === ROOT) root = key;
    else keys.set(record._id, { id: record._id, key, activatesAt: record.activatesAt });
  }
  if (!root) throw new AppError('INTERNAL', 'the database lost the root of its derived keys (dataKeys)');

  /** Replaced keys stay: what a slow writer encrypts under one must open. */
  const refresh = async (): Promise<void> => {
    const fresh = (await deps.models.dataKeys.find().lean<DataKey[]>()).filter(
      ({ _id }) => _id !== ROOT && !keys.has(_id),
    );
    // The file may hold another key than at the start.
    const present = fresh.length > 0 ? await loadMasterKey(deps.config, deps.logger) : masterKey;
    for (const record of fresh) {
      const key = unwrap(masterKey, record) ?? unwrap(present, record);
      if (!key) throw wrongKey(present, [record]);
      keys.set(record._id, { id: record._id, key, activatesAt: record.activatesAt });
    }
  };
  const refreshQuietly = (): Promise<void> =>
    refresh().catch((error: unknown) => deps.logger.warn({ err: error }, 'data keys were not refreshed'));

  const current = (): OpenKey => {
    const now = deps.clock();
    const active = [...keys.values()].filter(({ activatesAt }) => activatesAt <= now);
    const newest = active.sort((a, b) => b.activatesAt.getTime() - a.activatesAt.getTime())[0];
    const key = newest ?? keys.values().next().value;
    if (!key) throw new AppError('INTERNAL', 'there is no data key');
    return key;
  };

  const unsubscribe = await deps.ephemeral.subscribe(DATA_KEYS_CHANNEL, () => void refreshQuietly());
  const timer = setInterval(() => void refreshQuietly(), POLL_MILLISECONDS);
  timer.unref();

  return {
    derive: createDerivation(root),

    encrypt(plaintext, context) {
      const { id, key } = current();
      return `${VERSION}.${id}.${sealText(key, plaintext, context)}`;
    },

    decrypt(ciphertext, context) {
      const { id, encoded } = read(ciphertext, context);
      const known = keys.get(id);
      if (!known) {
        void refreshQuietly();
        throw new AppError('INTERNAL', `${context} is encrypted under the unknown data key ${id}`);
      }
      return openText(known.key, encoded, context);
    },

    refresh,

    async close() {
      clearInterval(timer);
      await unsubscribe();
    },
  };
}

function read(ciphertext: string, context: string): { id: string; encoded: string } {
  const [version, ...rest] = ciphertext.split('.');
  if (version === UNNAMED && rest.length === 1) return { id: UNNAMED, encoded: rest[0] ?? '' };
  if (version === VERSION && rest.length === 2) return { id: rest[0] ?? '', encoded: rest[1] ?? '' };
  throw new AppError('INTERNAL', `malformed ciphertext of ${context}`);
}

function wrongKey(masterKey: Uint8Array, records: readonly DataKey[]): MasterKeyError {
  const root = records.find(({ _id }) => _id === ROOT) ?? records[0];
  const needed = (root?.wraps ?? []).map(({ masterKeyId }) => masterKeyId);
  return new MasterKeyError(masterKeyIdOf(masterKey), needed);
}
