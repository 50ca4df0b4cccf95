// Validation of access tokens (RFC 9068, RFC 6750, RFC 9449) with nothing but jose: keys are fetched once and cached.
import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, createRemoteJWKSet, EmbeddedJWK, jwtVerify } from 'jose';

const PROOF_LIFETIME_SECONDS = 60;
/** Never `none`, never a shared secret. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];

/** What the caller is told: a status and the challenge of RFC 6750 §3. */
export class Refusal extends Error {
  constructor(status, code, { scheme = 'Bearer', scope } = {}) {
    super(code ?? 'no credentials');
    this.status = status;
    this.code = code;
    const parts = [code && `error="${code}"`, scope && `scope="${scope}"`].filter(Boolean);
    this.challenge = [scheme, parts.join(', ')].join(' ').trim();
  }
}

/** Makes a function `(request, scope) => { subject, clientId, scopes }` that throws a Refusal for a token that will not do. */
export function createTokenValidator({ issuer, audience, jwksUri }) {
  const keys = createRemoteJWKSet(new URL(jwksUri));
  const seenProofs = new Map();

  return async function validate(request, scope) {
    const [, scheme = '', token] = /^(Bearer|DPoP) +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    // A request without a token gets no error code: it only learns how to come back.
    if (!token) throw new Refusal(401);
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      // An ID token is signed by the same key: its type tells it from an access token.
      typ: 'at+jwt',
      algorithms: ALGORITHMS,
      requiredClaims: ['sub', 'client_id', 'exp', 'jti'],
    }).catch(() => {
      throw new Refusal(401, 'invalid_token', { scheme });
    });
    const bound = payload.cnf?.jkt;
    // A bound token without its key is a stolen one; a proof beside an unbound token proves nothing.
    if ((bound !== undefined) !== (scheme.toLowerCase() === 'dpop')) throw new Refusal(401, 'invalid_token');
    if (bound !== undefined) await checkProof(request, token, bound, seenProofs);
    const scopes = String(payload.scope ?? '').split(' ');
    if (!scopes.includes(scope)) throw new Refusal(403, 'insufficient_scope', { scheme, scope });
    return { subject: payload.sub, clientId: payload.client_id, scopes };
  };
}

/** RFC 9449 §4.3: made with the key of the token, for this request, just now, and never seen before. */
async function checkProof(request, token, thumbprint, seen) {
  const refused = new Refusal(401, 'invalid_dpop_proof', { scheme: 'DPoP' });
  const { payload, protectedHeader } = await jwtVerify(String(request.headers.dpop), EmbeddedJWK, {
    typ: 'dpop+jwt',
    algorithms: ALGORITHMS,
    maxTokenAge: PROOF_LIFETIME_SECONDS,
    clockTolerance: 5,
    requiredClaims: ['jti', 'htm', 'htu', 'ath'],
  }).catch(() => {
    throw refused;
  });
  const now = Date.now();
  for (const [jti, until] of seen) if (until < now) seen.delete(jti);
  if (
    (await calculateJwkThumbprint(protectedHeader.jwk)) !== thumbprint ||
    payload.htm !== request.method ||
    payload.htu !== `http://${request.headers.host}${request.url}` ||
    payload.ath !== createHash('sha256').update(token).digest('base64url') ||
    seen.has(payload.jti)
  ) {
    throw refused;
  }
  seen.set(payload.jti, now + 2 * PROOF_LIFETIME_SECONDS * 1000);
}
