import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { AppError } from '../../errors.js';
import type { SecretBox } from '../deps.js';

const VERSION = 'v1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts with AES-256-GCM under a key derived from the master key (HKDF-SHA256, RFC 5869). The context is
 * authenticated, so that a ciphertext moved to another record does not open there.
 * Ciphertexts read `v1.<base64url(nonce | tag | text)>`.
 */
export function createSecretBox(masterKey: Uint8Array): SecretBox {
  const derived = new Map<string, Uint8Array>();

  const derive = (purpose: string): Uint8Array => {
    const known = derived.get(purpose);
    if (known) return known;
    const key = new Uint8Array(hkdfSync('sha256', masterKey, '', `fieldgate:${purpose}`, 32));
    derived.set(purpose, key);
    return key;
  };

  return {
    derive,

    encrypt(plaintext, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', derive('secret-box'), nonce);
      cipher.setAAD(Buffer.from(context));
      const text = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
      return `${VERSION}.${Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url')}`;
    },

    decrypt(ciphertext, context) {
      const [version, encoded = ''] = ciphertext.split('.');
      const bytes = Buffer.from(encoded, 'base64url');
      if (version !== VERSION || bytes.length < NONCE_BYTES + TAG_BYTES) {
        throw new AppError('INTERNAL', `malformed ciphertext of ${context}`);
      }
      const decipher = createDecipheriv('aes-256-gcm', derive('secret-box'), bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      try {
        const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
        return Buffer.concat([text, decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new AppError('INTERNAL', `${context} was encrypted under another master key or was changed`, {
          cause,
        });
      }
    },
  };
}
