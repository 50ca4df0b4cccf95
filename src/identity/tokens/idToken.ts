import { hash } from 'node:crypto';
import type { Client } from '../../models/client.js';
import type { Session } from '../../models/session.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import { subjectFor } from './subject.js';
import { type ClaimDemands, userClaims } from './userClaims.js';

export interface IdTokenRequest {
  readonly user: User;
  readonly session: Session;
  readonly client: Client;
  readonly scopes: readonly string[];
  /** What the client asked for by name (OpenID Connect Core §5.5, member `id_token`). */
  readonly demands?: ClaimDemands;
  readonly refusedClaims?: readonly string[];
  readonly accessToken: string;
  readonly ttlSeconds: number;
  readonly nonce?: string;
}

/** Signs an ID token (OpenID Connect Core §2) with the claims that the scopes ask for and `at_hash` (§3.1.3.6). */
export async function issueIdToken(
  deps: Pick<Deps, 'clock' | 'config' | 'keys' | 'secrets'>,
  request: IdTokenRequest,
): Promise<string> {
  const { user, session, client } = request;
  // Never HS256: what a client could verify with its secret, its secret could forge.
  const algorithm = client.idTokenSignedResponseAlg ?? deps.config.tokens.algorithm;
  const issuedAt = Math.floor(deps.clock().getTime() / 1000);
  return deps.keys.sign(
    {
      ...userClaims(user, request),
      iss: deps.config.issuer,
      sub: subjectFor(deps, client, user._id),
      aud: client._id,
      iat: issuedAt,
      exp: issuedAt + request.ttlSeconds,
      auth_time: Math.floor(session.authenticatedAt.getTime() / 1000),
      acr: session.acr,
      amr: session.amr,
      sid: session._id,
      at_hash: accessTokenHash(algorithm, request.accessToken),
      ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
    },
    { typ: 'JWT', algorithm },
  );
}

/** The left half of the digest that the signing algorithm uses: SHA-512 for Ed25519, SHA-256 for the others. */
function accessTokenHash(algorithm: string, accessToken: string): string {
  const digest = hash(algorithm === 'EdDSA' ? 'sha512' : 'sha256', accessToken, 'buffer');
  return digest.subarray(0, digest.length / 2).toString('base64url');
}
