import type { CryptoKey, JWK } from 'jose';
import { AppError } from '../../errors.js';
import type { SigningKey } from '../../models/signingKey.js';
import type { Deps, SecretBox } from '../deps.js';
import { signingAlgorithms } from './algorithms.js';
import { type JwtSigner, jwtSigner } from './compactJws.js';
import { ensureSigningKeys, readSigningKeys } from './keyRotation.js';
import { openPrivateKey, openPublicKey } from './signingKeyMaterial.js';

type LoadDeps = Pick<Deps, 'clock' | 'config' | 'models' | 'secrets'>;

/** A public key as it is listed, and as it verifies. */
export interface PublishedKey {
  readonly record: SigningKey;
  readonly jwk: JWK;
  readonly key: CryptoKey;
}

interface Signer {
  readonly record: SigningKey;
  /** Makes JWTs of that `typ`. */
  readonly of: (typ: string) => JwtSigner;
}

/** The signing keys as they are stored at one moment, opened. */
export interface Keys {
  /** By algorithm. */
  readonly signers: ReadonlyMap<string, Signer>;
  readonly published: ReadonlyMap<string, PublishedKey>;
}

/**
 * Reads the keys, after those that lack were made; what is `known` is not opened again.
 * @throws AppError INTERNAL when the database was made with another master key, UNAVAILABLE when a key changed meanwhile
 */
export async function loadKeys(deps: LoadDeps, known: Keys | null): Promise<Keys> {
  const records = await completeSigningKeys(deps);
  const published = new Map<string, PublishedKey>();
  for (const record of records) {
    const { jwk, key } = known?.published.get(record._id) ?? (await openPublicKey(record));
    published.set(record._id, { record, jwk, key });
  }
  const signers = new Map<string, Signer>();
  for (const algorithm of signingAlgorithms(deps.config)) {
    const record = find(records, algorithm, 'current');
    if (!record) throw new AppError('UNAVAILABLE', 'the current signing key changed while it was read');
    const before = known?.signers.get(algorithm);
    const of = before?.record._id === record._id ? before.of : signersOf(deps.secrets, record);
    signers.set(algorithm, { record, of });
  }
  return { signers, published };
}

function signersOf(secrets: SecretBox, record: SigningKey): Signer['of'] {
  const { _id: kid, algorithm: alg } = record;
  const key = openPrivateKey(secrets, record);
  const ofTypes = new Map<string, JwtSigner>();
  return (typ) => {
    const known = ofTypes.get(typ) ?? jwtSigner(key, { alg, kid, typ });
    ofTypes.set(typ, known);
    return known;
  };
}

/** The stored keys, after a current and a next one have been made for every algorithm that lacks them. */
async function completeSigningKeys(deps: LoadDeps): Promise<SigningKey[]> {
  const records = await readSigningKeys(deps);
  const lacking = signingAlgorithms(deps.config).filter(
    (algorithm) => !find(records, algorithm, 'current') || !find(records, algorithm, 'next'),
  );
  if (lacking.length === 0) return records;
  for (const algorithm of lacking) await ensureSigningKeys(deps, algorithm);
  return readSigningKeys(deps);
}

function find(records: readonly SigningKey[], algorithm: string, status: string): SigningKey | undefined {
  return records.find((record) => record.algorithm === algorithm && record.status === status);
}

/** Whether other keys are published. */
export function differs(one: Keys, other: Keys): boolean {
  return (
    one.published.size !== other.published.size ||
    [...one.published.keys()].some((kid) => !other.published.has(kid))
  );
}
