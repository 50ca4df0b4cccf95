import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import { AppError } from '../../errors.js';
import type { SigningKey } from '../../models/signingKey.js';
import type { SecretBox } from '../deps.js';

const RSA_MODULUS_BITS = 2048;

type NewKey = Pick<SigningKey, '_id' | 'algorithm' | 'publicJwk' | 'encryptedPrivateJwk'>;

/** A new key pair, its private half encrypted. The `kid` is the RFC 7638 thumbprint. */
export async function makeSigningKey(secrets: SecretBox, algorithm: string): Promise<NewKey> {
  const pair = await generateKeyPair(algorithm, { extractable: true, modulusLength: RSA_MODULUS_BITS });
  const publicJwk = await exportJWK(pair.publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  const privateJwk = JSON.stringify(await exportJWK(pair.privateKey));
  return {
    _id: kid,
    algorithm,
    publicJwk: JSON.stringify({ ...publicJwk, kid, alg: algorithm, use: 'sig' }),
    encryptedPrivateJwk: secrets.encrypt(privateJwk, signingKeyContext(kid)),
  };
}

/** The public half as published (RFC 7517), and ready to verify. */
export async function openPublicKey(record: SigningKey): Promise<{ jwk: JWK; key: CryptoKey }> {
  const jwk = JSON.parse(record.publicJwk) as JWK;
  return { jwk, key: await importKey(jwk, record.algorithm) };
}

/** @throws AppError INTERNAL, with the way out, when the key was encrypted under another master key */
export function openPrivateKey(secrets: SecretBox, record: SigningKey): KeyObject {
  let json: string;
  try {
    json = secrets.decrypt(record.encryptedPrivateJwk, signingKeyContext(record._id));
  } catch (cause) {
    throw new AppError(
      'INTERNAL',
      'this database was made with another master key. Bring back the file master.key (or the masterKey setting) that ' +
        'belongs to it. If that key is lost for good, drop the collection signingKeys: new keys are made at the next ' +
        'start, and everybody has to sign in again',
      { cause },
    );
  }
  return createPrivateKey({ key: JSON.parse(json) as JsonWebKey, format: 'jwk' });
}

async function importKey(jwk: JWK, algorithm: string): Promise<CryptoKey> {
  const key = await importJWK(jwk, algorithm);
  if (key instanceof Uint8Array) throw new AppError('INTERNAL', 'a signing key in the database is symmetric');
  return key;
}

/** What the secret half of a key is bound to. */
export function signingKeyContext(kid: string): string {
  return `signingKey:${kid}`;
}
