import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { v7 as uuidv7 } from 'uuid';
import type { Deps } from '../../src/identity/deps.js';

export interface Passkey {
  readonly factorId: string;
  /** What `navigator.credentials.get` gives for a challenge. */
  answer(challenge: string, as?: { userVerified?: boolean; origin?: string }): AuthenticationResponseJSON;
}

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const COUNTER = Buffer.alloc(4);

/** An authenticator in software, whose key is registered for an account; for what needs no browser. */
export async function storePasskey(
  { models, clock, config }: Pick<Deps, 'models' | 'clock' | 'config'>,
  userId: string,
): Promise<Passkey> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const credentialId = randomBytes(32).toString('base64url');
  const factorId = uuidv7();
  await models.factors.create({
    _id: factorId,
    userId,
    kind: 'webauthn',
    name: 'Passkey',
    confirmedAt: clock(),
    credentialId,
    publicKey: coseKey(x, y).toString('base64url'),
    signatureCounter: 0,
    discoverable: true,
  });
  const issuer = new URL(config.issuer);
  return {
    factorId,
    answer(challenge, { userVerified = true, origin = issuer.origin } = {}) {
      const clientData = Buffer.from(JSON.stringify({ type: 'webauthn.get', challenge, origin }));
      const flags = Buffer.from([USER_PRESENT | (userVerified ? USER_VERIFIED : 0)]);
      const authenticatorData = Buffer.concat([sha256(issuer.hostname), flags, COUNTER]);
      const signature = createSign('sha256')
        .update(authenticatorData)
        .update(sha256(clientData))
        .sign(privateKey);
      return {
        id: credentialId,
        rawId: credentialId,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: clientData.toString('base64url'),
          authenticatorData: authenticatorData.toString('base64url'),
          signature: signature.toString('base64url'),
        },
      };
    },
  };
}

const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest();

/** An ES256 key as CBOR (RFC 9053 §7.1.1): `{1: 2, 3: -7, -1: 1, -2: x, -3: y}`. */
function coseKey(x: string, y: string): Buffer {
  const point = (label: number, text: string) =>
    Buffer.concat([Buffer.from([label, 0x58, 0x20]), Buffer.from(text, 'base64url')]);
  return Buffer.concat([Buffer.from('a5010203262001', 'hex'), point(0x21, x), point(0x22, y)]);
}
