import type { JWTPayload } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import type { Deps } from '../deps.js';
import { ACCESS_TOKEN_TYP, type Actor, type Confirmation, type UserinfoTerms } from './accessToken.js';
import { longestAccessTokenTtlSeconds } from './lifetimes.js';
import { keepOpaqueToken } from './opaqueToken.js';
import type { TokenSource } from './revoked.js';
import { signWithSharedSecret } from './sharedSecretToken.js';
import type { TokenTarget } from './target.js';

type IssueDeps = Pick<Deps, 'clock' | 'config' | 'denylist' | 'keys' | 'models'>;

export interface AccessTokenRequest {
  /** The user's or the client's id. */
  readonly subject: string;
  /** `subjectFor`: what the client is shown for it. Absent: the id itself. */
  readonly shownSubject?: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly audience: readonly string[];
  readonly ttlSeconds: number;
  /** Absent: a JWT under the installation's algorithm. */
  readonly form?: Pick<TokenTarget, 'format' | 'algorithm' | 'sharedSecret'>;
  readonly sessionId?: string;
  /** Epoch seconds. */
  readonly authTime?: number;
  readonly acr?: string;
  readonly amr?: readonly string[];
  /** RFC 7800 §3.1: the key that must be shown with the token. */
  readonly confirmation?: Confirmation;
  /** RFC 8693 §4.1: who acts for the subject. */
  readonly actor?: Actor;
  /** What ends it, beside what ends any token of its subject and client. */
  readonly exchangedFrom?: readonly TokenSource[];
  /** RFC 9396 §9.1. */
  readonly authorizationDetails?: readonly Record<string, unknown>[];
  /** CIDR ranges that it may be used from. */
  readonly allowedNetworks?: readonly string[];
  readonly userinfo?: UserinfoTerms;
  /**
   * `denylist.issuanceTimeMilliseconds`, taken before the checks that led here; absent: now. A revocation that came
   * in between then refuses this token.
   */
  readonly issuedAtMilliseconds?: number;
}

/**
 * Makes an access token: a JWT (RFC 9068), or one that only we can read. `iat` has whole seconds, as strict verifiers
 * expect; the `jti` is a UUID v7 and carries the millisecond, by which a token from before a revocation is told from
 * one after it.
 */
export async function issueAccessToken(
  deps: IssueDeps,
  request: AccessTokenRequest,
): Promise<{ token: string; expiresInSeconds: number; jti: string }> {
  const issuedAt = Math.floor(deps.clock().getTime() / 1000);
  const expiresInSeconds = Math.min(request.ttlSeconds, longestAccessTokenTtlSeconds(deps.config));
  const { subject, clientId, sessionId, form } = request;
  const msecs =
    request.issuedAtMilliseconds ??
    deps.denylist.issuanceTimeMilliseconds({ sub: subject, clientId, sid: sessionId });
  const jti = uuidv7({ msecs });
  const payload = {
    iss: deps.config.issuer,
    ...claimsOf(request),
    iat: issuedAt,
    exp: issuedAt + expiresInSeconds,
    jti,
  };
  if (form?.format === 'opaque') {
    return { token: await keepOpaqueToken(deps, payload), expiresInSeconds, jti };
  }
  const token = form?.sharedSecret
    ? await signWithSharedSecret(payload, ACCESS_TOKEN_TYP, form.sharedSecret)
    : await deps.keys.sign(payload, { typ: ACCESS_TOKEN_TYP, algorithm: form?.algorithm });
  return { token, expiresInSeconds, jti };
}

function claimsOf(request: AccessTokenRequest): JWTPayload {
  const { audience } = request;
  const userinfo = withoutGaps(request.userinfo ?? {});
  return {
    sub: request.shownSubject ?? request.subject,
    aud: audience.length === 1 ? audience[0] : [...audience],
    client_id: request.clientId,
    scope: request.scopes.join(' '),
    ...(request.sessionId === undefined ? {} : { sid: request.sessionId }),
    ...(request.authTime === undefined ? {} : { auth_time: request.authTime }),
    ...(request.acr === undefined ? {} : { acr: request.acr }),
    ...(request.amr === undefined ? {} : { amr: [...request.amr] }),
    ...(request.confirmation && { cnf: request.confirmation }),
    ...(request.actor && { act: request.actor }),
    ...(request.exchangedFrom?.length && { exchanged_from: request.exchangedFrom }),
    ...(request.authorizationDetails?.length && { authorization_details: request.authorizationDetails }),
    ...(request.allowedNetworks?.length && { allowed_networks: [...request.allowedNetworks] }),
    ...(Object.keys(userinfo).length > 0 && { userinfo }),
  };
}

function withoutGaps({ claims = {}, refused = [], alg }: UserinfoTerms): UserinfoTerms {
  return {
    ...(Object.keys(claims).length > 0 && { claims }),
    ...(refused.length > 0 && { refused }),
    ...(alg !== undefined && { alg }),
  };
}
