import { hkdfSync } from 'node:crypto';
import { AppError } from '../../errors.js';
import type { SecretBox } from '../deps.js';
import { openText, sealText } from './sealedText.js';

const VERSION = 'v1';

/** Keys for one purpose each, derived from one key (HKDF-SHA256, RFC 5869) and remembered. */
export function createDerivation(key: Uint8Array): (purpose: string) => Uint8Array {
  const derived = new Map<string, Uint8Array>();
  return (purpose) => {
    const known = derived.get(purpose);
    if (known) return known;
    const made = new Uint8Array(hkdfSync('sha256', key, '', `fieldgate:${purpose}`, 32));
    derived.set(purpose, made);
    return made;
  };
}

/**
 * A box on one key alone. The context is authenticated, so that a ciphertext moved to another record does not open
 * there. Ciphertexts read `v1.<base64url(nonce | tag | text)>`.
 */
export function createSecretBox(key: Uint8Array): SecretBox {
  const derive = createDerivation(key);
  return {
    derive,

    encrypt(plaintext, context) {
      return `${VERSION}.${sealText(derive('secret-box'), plaintext, context)}`;
    },

    decrypt(ciphertext, context) {
      const [version, encoded = ''] = ciphertext.split('.');
      if (version !== VERSION) throw new AppError('INTERNAL', `malformed ciphertext of ${context}`);
      return openText(derive('secret-box'), encoded, context);
    },
  };
}
