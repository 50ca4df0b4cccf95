/**
 * What clients may sign with: assertions (RFC 7523), DPoP proofs (RFC 9449 §4.2), request objects (RFC 9101). Asymmetric
 * only: `none` proves nothing, and an HMAC could be keyed with something public (RFC 8725 §2.1, §3.1).
 */
export const CLIENT_SIGNATURE_ALGORITHMS: readonly string[] = [
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
];
