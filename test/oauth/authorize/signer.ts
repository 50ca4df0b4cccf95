import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import type { TestApp } from '../../support/app.js';

export interface Signer {
  /** Signs a request object of the client `web` for this server, one minute long; `over` wins, undefined leaves out. */
  sign(claims: JWTPayload, header?: Record<string, unknown>): Promise<string>;
  readonly privateKey: CryptoKey;
  readonly jwks: { keys: Record<string, unknown>[] };
}

/** A key pair whose public half stands in the client's `jwks`. */
export async function signerOf(app: TestApp, clientId = 'web', alg = 'ES256'): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg, use: 'sig' }] };
  await app.deps.models.clients.updateOne({ _id: clientId }, { $set: { jwks } });
  return {
    privateKey,
    jwks,
    sign(claims, header = {}) {
      const now = Math.floor(app.clock().getTime() / 1000);
      const all = { iss: clientId, aud: app.config.issuer, exp: now + 60, iat: now, ...claims };
      const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
      return new SignJWT(given)
        .setProtectedHeader({ alg, typ: 'oauth-authz-req+jwt', kid: 'k1', ...header })
        .sign(privateKey);
    },
  };
}
