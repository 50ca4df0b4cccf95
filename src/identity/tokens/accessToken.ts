import type { JWTPayload } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../../errors.js';
import type { Deps } from '../deps.js';
import { longestAccessTokenTtlSeconds } from './lifetimes.js';

const TYP = 'at+jwt';
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** One of the two: the thumbprint of a DPoP key (RFC 9449 §6.1) or of a certificate (RFC 8705 §3.1). */
export type Confirmation = { readonly jkt: string } | { readonly 'x5t#S256': string };

/** The newest actor outermost, those before it inside (RFC 8693 §4.1). */
export interface Actor {
  readonly sub: string;
  readonly client_id?: string;
  readonly act?: Actor;
}

export interface AccessTokenRequest {
  readonly subject: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly audience: readonly string[];
  readonly ttlSeconds: number;
  readonly sessionId?: string;
  /** Epoch seconds. */
  readonly authTime?: number;
  readonly acr?: string;
  readonly amr?: readonly string[];
  /** RFC 7800 §3.1: the key that must be shown with the token. */
  readonly confirmation?: Confirmation;
  /** RFC 8693 §4.1: who acts for the subject. */
  readonly actor?: Actor;
  /** RFC 9396 §9.1. */
  readonly authorizationDetails?: readonly Record<string, unknown>[];
  /**
   * `denylist.issuanceTimeMilliseconds`, taken before the checks that led here; absent: now. A revocation that came
   * in between then refuses this token.
   */
  readonly issuedAtMilliseconds?: number;
}

/** The claims of a verified access token (RFC 9068 §2.2), with our names. */
export interface AccessTokenClaims {
  readonly subject: string;
  readonly clientId: string;
  readonly audience: readonly string[];
  readonly scopes: readonly string[];
  readonly jti: string;
  readonly sessionId: string | null;
  readonly authTimeSeconds: number | null;
  readonly acr: string | null;
  readonly amr: readonly string[];
  /** Null: a bearer token. */
  readonly confirmation: Confirmation | null;
  readonly actor: Actor | null;
  readonly authorizationDetails: readonly Record<string, unknown>[];
  readonly issuedAtSeconds: number;
  /** The order of issuance, which marks on the denylist are compared with. */
  readonly issuedAtMilliseconds: number;
  readonly expiresAtSeconds: number;
}

/**
 * Signs a JWT access token (RFC 9068). `iat` has whole seconds, as strict verifiers expect; the `jti` is a UUID v7
 * and carries the millisecond, by which a token from before a revocation is told from one after it.
 */
export async function issueAccessToken(
  deps: Pick<Deps, 'clock' | 'config' | 'denylist' | 'keys'>,
  request: AccessTokenRequest,
): Promise<{ token: string; expiresInSeconds: number; jti: string }> {
  const issuedAt = Math.floor(deps.clock().getTime() / 1000);
  const expiresInSeconds = Math.min(request.ttlSeconds, longestAccessTokenTtlSeconds(deps.config));
  const milliseconds =
    request.issuedAtMilliseconds ??
    deps.denylist.issuanceTimeMilliseconds({
      sub: request.subject,
      clientId: request.clientId,
      sid: request.sessionId,
    });
  const jti = uuidv7({ msecs: milliseconds });
  const token = await deps.keys.sign(
    {
      iss: deps.config.issuer,
      sub: request.subject,
      aud: request.audience.length === 1 ? request.audience[0] : [...request.audience],
      client_id: request.clientId,
      iat: issuedAt,
      exp: issuedAt + expiresInSeconds,
      jti,
      scope: request.scopes.join(' '),
      ...(request.sessionId === undefined ? {} : { sid: request.sessionId }),
      ...(request.authTime === undefined ? {} : { auth_time: request.authTime }),
      ...(request.acr === undefined ? {} : { acr: request.acr }),
      ...(request.amr === undefined ? {} : { amr: [...request.amr] }),
      ...(request.confirmation && { cnf: request.confirmation }),
      ...(request.actor && { act: request.actor }),
      ...(request.authorizationDetails?.length && { authorization_details: request.authorizationDetails }),
    },
    { typ: TYP },
  );
  return { token, expiresInSeconds, jti };
}

/**
 * Verifies a token without the database: signature, algorithm, `typ`, `iss`, `exp`, audience, denylist.
 * The audience is this API's own unless `anyAudience` (introspection answers for every resource server).
 * @throws AppError INVALID_TOKEN
 */
export async function verifyAccessToken(
  deps: Pick<Deps, 'clock' | 'config' | 'denylist' | 'keys'>,
  token: string,
  options: { anyAudience?: boolean } = {},
): Promise<AccessTokenClaims> {
  const payload = await deps.keys.verify(token, {
    typ: TYP,
    ...(options.anyAudience ? {} : { audience: defaultAudience(deps.config) }),
  });
  const claims = readClaims(payload);
  // A lifetime that was configured longer once must not outlive the marks, which are kept for today's longest.
  const longest = longestAccessTokenTtlSeconds(deps.config);
  if (deps.clock().getTime() / 1000 >= Math.min(claims.expiresAtSeconds, claims.issuedAtSeconds + longest)) {
    throw new AppError('INVALID_TOKEN', 'the token has expired');
  }
  const denied = deps.denylist.isDenied({
    jti: claims.jti,
    sid: claims.sessionId ?? undefined,
    sub: claims.subject,
    clientId: claims.clientId,
    issuedAtSeconds: claims.issuedAtMilliseconds / 1000,
  });
  if (denied) throw new AppError('INVALID_TOKEN', 'the token is on the denylist');
  return claims;
}

/** The `aud` of a token that is for no particular resource: Fieldgate's own API. */
export function defaultAudience(config: Deps['config']): string {
  return config.tokens.audience ?? config.issuer;
}

function readClaims(payload: JWTPayload): AccessTokenClaims {
  const { sub, jti, iat, exp, aud, client_id: clientId, scope, sid, auth_time: authTime, acr } = payload;
  if (
    typeof sub !== 'string' ||
    typeof jti !== 'string' ||
    typeof clientId !== 'string' ||
    iat === undefined ||
    exp === undefined ||
    aud === undefined
  ) {
    throw new AppError('INVALID_TOKEN', 'a claim that RFC 9068 demands is missing');
  }
  return {
    subject: sub,
    clientId,
    audience: typeof aud === 'string' ? [aud] : aud,
    scopes: typeof scope === 'string' ? scope.split(' ').filter((name) => name !== '') : [],
    jti,
    sessionId: typeof sid === 'string' ? sid : null,
    authTimeSeconds: typeof authTime === 'number' ? authTime : null,
    acr: typeof acr === 'string' ? acr : null,
    amr: Array.isArray(payload['amr']) ? payload['amr'].filter((each) => typeof each === 'string') : [],
    confirmation: readConfirmation(payload['cnf']),
    actor: isActor(payload['act']) ? payload['act'] : null,
    authorizationDetails: Array.isArray(payload['authorization_details'])
      ? payload['authorization_details'].filter(isRecord)
      : [],
    issuedAtSeconds: iat,
    issuedAtMilliseconds: UUID_V7.test(jti)
      ? Number.parseInt(jti.replace('-', '').slice(0, 12), 16)
      : iat * 1000,
    expiresAtSeconds: exp,
  };
}

/** A kind of confirmation that is not known could not be checked: better no token than one taken for a bearer token. */
function readConfirmation(cnf: unknown): Confirmation | null {
  if (cnf === undefined) return null;
  if (isRecord(cnf)) {
    const { jkt, 'x5t#S256': thumbprint } = cnf;
    if (typeof jkt === 'string') return { jkt };
    if (typeof thumbprint === 'string') return { 'x5t#S256': thumbprint };
  }
  throw new AppError('INVALID_TOKEN', 'the token is bound in a way that is not known');
}

function isActor(value: unknown): value is Actor {
  return (
    isRecord(value) &&
    typeof value['sub'] === 'string' &&
    (value['act'] === undefined || isActor(value['act']))
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
