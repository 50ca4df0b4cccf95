import { createPublicKey, type JsonWebKey } from 'node:crypto';
import type { Client, PublicKeySet } from '../../../models/client.js';
import { assertText, fault } from './fault.js';

const LONGEST_KEY_SET_CHARACTERS = 20_000;
const MOST_KEYS = 20;
const LEAST_RSA_BITS = 2048;
const LONGEST_NAME = 500;
/** RFC 7518 §6.2.2, §6.3.2, §6.4.1: members that make a key private or shared. */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const CERTIFICATE_NAMES = ['tlsClientAuthSubjectDn', 'tlsClientAuthSanDns', 'tlsClientAuthSanUri'] as const;

type Proof = Pick<
  Client,
  'tokenEndpointAuthMethod' | 'jwks' | 'jwksUri' | (typeof CERTIFICATE_NAMES)[number]
>;

/** What a client proves itself with fits the way in which it does. @throws AppError BAD_USER_INPUT */
export function assertProof(client: Proof): void {
  const { tokenEndpointAuthMethod: method, jwks, jwksUri } = client;
  // RFC 7591 §2: "The "jwks_uri" and "jwks" parameters MUST NOT both be present".
  if (jwks && jwksUri) throw fault(['jwks'], 'and jwksUri exclude each other');
  if (jwks) assertPublicKeys(jwks);
  if ((method === 'private_key_jwt' || method === 'self_signed_tls_client_auth') && !jwks && !jwksUri) {
    throw fault(['jwks'], `or jwksUri is needed for ${method}`);
  }
  const names = CERTIFICATE_NAMES.filter((key) => client[key]);
  for (const key of names) assertText([key], client[key] ?? '', LONGEST_NAME);
  // RFC 8705 §2.1.2: "exactly one".
  if (method === 'tls_client_auth' && names.length !== 1) {
    throw fault(
      [names[1] ?? CERTIFICATE_NAMES[0]],
      'or one other name of the certificate, exactly one, is needed',
    );
  }
  if (method !== 'tls_client_auth' && names[0]) throw fault([names[0]], 'is for tls_client_auth only');
}

function assertPublicKeys(jwks: PublicKeySet): void {
  const { keys } = jwks;
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > MOST_KEYS) {
    throw fault(['jwks'], `must have 1 to ${MOST_KEYS} keys`);
  }
  if (Object.keys(jwks).length !== 1 || JSON.stringify(jwks).length > LONGEST_KEY_SET_CHARACTERS) {
    throw fault(['jwks'], 'must have no member but keys, and no more than 20,000 characters');
  }
  for (const key of keys) assertPublicKey(key);
}

function assertPublicKey(key: Record<string, unknown>): void {
  if (typeof key !== 'object' || key === null || Array.isArray(key))
    throw fault(['jwks'], 'holds what is no key');
  if (SECRET_MEMBERS.some((member) => member in key)) throw fault(['jwks'], 'holds a private or shared key');
  for (const [name, value] of Object.entries(key)) {
    const isPlain =
      typeof value === 'string' || (Array.isArray(value) && value.every((one) => typeof one === 'string'));
    // It is stored as it is, where names with a dollar or a dot would mean something else.
    if (!isPlain || !/^[A-Za-z0-9_#:/-]{1,100}$/.test(name))
      throw fault(['jwks'], 'holds what no public key has');
  }
  const type = readKey(key).asymmetricKeyType;
  const bits = readKey(key).asymmetricKeyDetails?.modulusLength;
  if (type === 'rsa' && (bits ?? 0) < LEAST_RSA_BITS)
    throw fault(['jwks'], `RSA keys have at least ${LEAST_RSA_BITS} bits`);
}

function readKey(key: Record<string, unknown>) {
  try {
    return createPublicKey({ format: 'jwk', key: key as JsonWebKey });
  } catch {
    throw fault(['jwks'], 'holds a key that cannot be read');
  }
}
