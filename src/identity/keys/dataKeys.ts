import { hkdfSync, randomBytes } from 'node:crypto';
import type { DataKey, WrappedKey } from '../../models/dataKey.js';
import { isDuplicateKey } from '../../models/duplicateKey.js';
import type { Deps } from '../deps.js';
import { masterKeyIdOf } from './keyId.js';
import { MasterKeyError } from './masterKeyError.js';
import { createSecretBox } from './secretBox.js';
import { signingKeyContext } from './signingKeyMaterial.js';

/** The record that keys are derived from. */
export const ROOT = 'root';
/** What ciphertexts without a name were encrypted under: a key derived from the master key itself. */
export const UNNAMED = 'v1';

const KEY_BYTES = 32;
const FIRST = 'k1';

const contextOf = (id: string) => `dataKey:${id}`;

/** A key encrypted under a master key. */
export function wrap(masterKey: Uint8Array, id: string, key: Uint8Array): WrappedKey {
  const text = createSecretBox(masterKey).encrypt(Buffer.from(key).toString('base64url'), contextOf(id));
  return { masterKeyId: masterKeyIdOf(masterKey), text };
}

/** The key of a record; null where it is not encrypted under this master key. */
export function unwrap(masterKey: Uint8Array, { _id, wraps }: DataKey): Uint8Array | null {
  const masterKeyId = masterKeyIdOf(masterKey);
  const wrapped = wraps.find((one) => one.masterKeyId === masterKeyId);
  if (!wrapped) return null;
  return Buffer.from(createSecretBox(masterKey).decrypt(wrapped.text, contextOf(_id)), 'base64url');
}

/** The number in the name of a data key. */
export function numberOf(id: string): number {
  return /^k\d+$/.test(id) ? Number(id.slice(1)) : 0;
}

export function makeKey(): Uint8Array {
  return randomBytes(KEY_BYTES);
}

/**
 * Every record, after the first ones were made; of processes that start together one makes them. A database that was
 * encrypted under the master key itself goes on with what that gave, so that nothing derived from it changes.
 * @throws MasterKeyError when such a database was encrypted under another one
 */
export async function readDataKeys(
  deps: Pick<Deps, 'models' | 'clock'>,
  masterKey: Uint8Array,
): Promise<DataKey[]> {
  const { dataKeys, signingKeys } = deps.models;
  const present = await dataKeys.find().lean<DataKey[]>();
  if (present.length >= 2) return present;
  const older = await signingKeys.findOne().lean();
  if (older && present.every(({ _id }) => _id === ROOT)) {
    assertOpens(masterKey, older.encryptedPrivateJwk, signingKeyContext(older._id));
  }
  const dataKey = older ? unnamedKey(masterKey) : makeKey();
  await insertFirst(deps, ROOT, older ? masterKey : makeKey(), masterKey);
  await insertFirst(deps, older ? UNNAMED : FIRST, dataKey, masterKey);
  return dataKeys.find().lean<DataKey[]>();
}

function assertOpens(masterKey: Uint8Array, ciphertext: string, context: string): void {
  try {
    createSecretBox(masterKey).decrypt(ciphertext, context);
  } catch (cause) {
    throw new MasterKeyError(masterKeyIdOf(masterKey), [], cause);
  }
}

function unnamedKey(masterKey: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', masterKey, '', 'fieldgate:secret-box', KEY_BYTES));
}

async function insertFirst(
  { models, clock }: Pick<Deps, 'models' | 'clock'>,
  id: string,
  key: Uint8Array,
  masterKey: Uint8Array,
): Promise<void> {
  try {
    await models.dataKeys.create({ _id: id, wraps: [wrap(masterKey, id, key)], activatesAt: clock() });
  } catch (error) {
    // Another process was first: its key stands.
    if (!isDuplicateKey(error)) throw error;
  }
}
