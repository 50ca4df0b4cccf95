import { constants, type KeyObject, type SignKeyObjectInput, sign } from 'node:crypto';
import { AppError } from '../../errors.js';

/** How each algorithm of RFC 7518 §3.1 and RFC 8037 §3.1 signs: its digest, and what the key does beside that. */
const WAYS: ReadonlyMap<string, { digest: string | null } & Omit<SignKeyObjectInput, 'key'>> = new Map([
  ['RS256', { digest: 'sha256', padding: constants.RSA_PKCS1_PADDING }],
  [
    'PS256',
    {
      digest: 'sha256',
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    },
  ],
  ['ES256', { digest: 'sha256', dsaEncoding: 'ieee-p1363' as const }],
  ['EdDSA', { digest: null }],
]);

/** Makes JWTs of one type under one key. */
export type JwtSigner = (payload: object) => string;

/**
 * A signer of compact JWS (RFC 7515 §7.1) whose header is written once. It signs in the calling thread: the way to the
 * thread pool and back costs a fifth of an RSA signature, and there it would queue behind password hashes of 25 ms.
 * @throws AppError INTERNAL for an algorithm that has no way here
 */
export function jwtSigner(key: KeyObject, header: { alg: string; kid: string; typ: string }): JwtSigner {
  const way = WAYS.get(header.alg);
  if (!way) throw new AppError('INTERNAL', `nothing signs ${header.alg}`);
  const { digest, ...options } = way;
  const input = { key, ...options };
  const head = `${encoded(header)}.`;
  return (payload) => {
    const signed = head + encoded(payload);
    return `${signed}.${sign(digest, Buffer.from(signed), input).toString('base64url')}`;
  };
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
