import type { Denylist } from '../deps.js';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/**
 * A token that another one was exchanged from (RFC 8693). Without a client, as that of an actor, only its own
 * revocation counts.
 */
export interface TokenSource {
  readonly jti: string;
  readonly client_id?: string;
}

/** What of the claims of a token marks are compared with. */
interface Marked {
  readonly revocationId: string;
  readonly exchangedFrom: readonly TokenSource[];
  readonly subject: string;
  readonly clientId: string;
  readonly sessionId: string | null;
  readonly issuedAtMilliseconds: number;
}

/** The millisecond of issuance that a `jti` of ours carries; null for another one. */
export function issuanceOf(jti: string): number | null {
  return UUID_V7.test(jti) ? Number.parseInt(jti.replace('-', '').slice(0, 12), 16) : null;
}

/** Whether a mark refuses the token, or one that it was exchanged from: what ends that ends this. */
export function isRevoked(denylist: Denylist, claims: Marked): boolean {
  const { exchangedFrom, revocationId, subject: sub, clientId, issuedAtMilliseconds } = claims;
  const sid = claims.sessionId ?? undefined;
  const isDenied = (jti: string, client: string, issuedAt: number) =>
    denylist.isDenied({ jti, sid, sub, clientId: client, issuedAtSeconds: issuedAt / 1000 });
  return (
    isDenied(revocationId, clientId, issuedAtMilliseconds) ||
    exchangedFrom.some(({ jti, client_id: client }) =>
      client === undefined
        ? isDenied(jti, clientId, issuedAtMilliseconds)
        : isDenied(jti, client, issuanceOf(jti) ?? issuedAtMilliseconds),
    )
  );
}
