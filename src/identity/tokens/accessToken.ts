import type { JWTPayload } from 'jose';
import { AppError } from '../../errors.js';
import type { Deps } from '../deps.js';
import { isWithinNetworks } from '../networks.js';
import { longestAccessTokenTtlSeconds } from './lifetimes.js';
import { isOpaqueToken, readOpaqueToken } from './opaqueToken.js';
import { isRevoked, issuanceOf, type TokenSource } from './revoked.js';
import { namesSharedSecret, verifyWithSharedSecret } from './sharedSecretToken.js';
import { userIdOf } from './subject.js';
import type { ClaimDemands } from './userClaims.js';

/** RFC 9068 §2.1: what tells an access token from every other JWT that is signed with the same keys. */
export const ACCESS_TOKEN_TYP = 'at+jwt';

/** One of the two: the thumbprint of a DPoP key (RFC 9449 §6.1) or of a certificate (RFC 8705 §3.1). */
export type Confirmation = { readonly jkt: string } | { readonly 'x5t#S256': string };

/** The newest actor outermost, those before it inside (RFC 8693 §4.1). */
export interface Actor {
  readonly sub: string;
  readonly client_id?: string;
  /** The session of an actor that is a person: the token ends with it. */
  readonly sid?: string;
  readonly act?: Actor;
}

/** What userinfo shall answer for a token, beside what its scopes say. Absent members: nothing. */
export interface UserinfoTerms {
  /** What the client asked for by name (OpenID Connect Core §5.5). */
  readonly claims?: ClaimDemands;
  /** What the person left out. */
  readonly refused?: readonly string[];
  /** The client's `userinfo_signed_response_alg`. */
  readonly alg?: string;
}

/** The claims of a verified access token (RFC 9068 §2.2), with our names. */
export interface AccessTokenClaims {
  /** The user's or the client's id. */
  readonly subject: string;
  /** The `sub` as the token has it: what its client knows the user by. */
  readonly shownSubject: string;
  readonly clientId: string;
  readonly audience: readonly string[];
  readonly scopes: readonly string[];
  readonly jti: string;
  /**
   * By what the denylist knows this one token: the `jti`, and within its API only where that could have signed it as
   * well, for it chose the `jti` then.
   */
  readonly revocationId: string;
  readonly sessionId: string | null;
  readonly authTimeSeconds: number | null;
  readonly acr: string | null;
  readonly amr: readonly string[];
  /** Null: a bearer token. */
  readonly confirmation: Confirmation | null;
  readonly actor: Actor | null;
  /** What the token was exchanged from, the oldest first: it ends with each of them. */
  readonly exchangedFrom: readonly TokenSource[];
  readonly authorizationDetails: readonly Record<string, unknown>[];
  /** CIDR ranges that it may be used from; empty: from everywhere. */
  readonly allowedNetworks: readonly string[];
  readonly userinfo: UserinfoTerms;
  readonly issuedAtSeconds: number;
  /** The order of issuance, which marks on the denylist are compared with. */
  readonly issuedAtMilliseconds: number;
  readonly expiresAtSeconds: number;
}

export interface VerifyOptions {
  /** Also of tokens for other APIs: introspection answers for every resource server. Else the own API's alone. */
  readonly anyAudience?: boolean;
  /** Who shows the token. A token with a network restriction is refused without it. */
  readonly callerAddress?: string;
  /** What only we can have made: no token under a secret that its resource knows as well, and could forge with. */
  readonly madeHere?: boolean;
  /** Nothing is reached by the token, so it may come from everywhere (revocation). */
  readonly fromAnywhere?: boolean;
}

/**
 * Verifies a token, JWT or opaque, whoever it was issued to: signature, algorithm, `typ` and `iss`, or the record of
 * it; audience, expiry, denylist, network restriction. A JWT needs no query.
 * @throws AppError INVALID_TOKEN
 */
export async function verifyAccessToken(
  deps: Pick<Deps, 'clock' | 'config' | 'denylist' | 'keys' | 'models' | 'secrets'>,
  token: string,
  options: VerifyOptions = {},
): Promise<AccessTokenClaims> {
  const claims = readClaims(deps, await readPayload(deps, token, options));
  // A lifetime that was configured longer once must not outlive the marks, which are kept for today's longest.
  const longest = longestAccessTokenTtlSeconds(deps.config);
  if (deps.clock().getTime() / 1000 >= Math.min(claims.expiresAtSeconds, claims.issuedAtSeconds + longest)) {
    throw new AppError('INVALID_TOKEN', 'the token has expired');
  }
  if (isRevoked(deps.denylist, claims)) throw new AppError('INVALID_TOKEN', 'the token is on the denylist');
  if (!options.fromAnywhere) assertWithinNetworks(claims, options.callerAddress);
  return claims;
}

interface Read {
  readonly payload: JWTPayload;
  /** The resource that could have made the token as well as we. */
  readonly sharedWith?: string;
}

/** Each kind of token on a way of its own; the own API knows no shared secret. */
async function readPayload(
  deps: Pick<Deps, 'clock' | 'config' | 'keys' | 'models'>,
  token: string,
  { anyAudience = false, madeHere = false }: VerifyOptions,
): Promise<Read> {
  const audience = anyAudience ? undefined : defaultAudience(deps.config);
  if (isOpaqueToken(token)) return { payload: await readOpaqueToken(deps, token, audience) };
  if (anyAudience && !madeHere && namesSharedSecret(token)) {
    const payload = await verifyWithSharedSecret(deps, token, ACCESS_TOKEN_TYP);
    return { payload, sharedWith: String(payload.aud) };
  }
  const payload = await deps.keys.verify(token, {
    typ: ACCESS_TOKEN_TYP,
    ...(audience === undefined ? {} : { audience }),
  });
  return { payload };
}

function assertWithinNetworks({ allowedNetworks }: AccessTokenClaims, address: string | undefined): void {
  if (allowedNetworks.length === 0) return;
  if (address !== undefined && isWithinNetworks(address, allowedNetworks)) return;
  throw new AppError('INVALID_TOKEN', `the token is not for use from ${address ?? 'an unknown address'}`);
}

/** The `aud` of a token that is for no particular resource: Fieldgate's own API. */
export function defaultAudience(config: Pick<Deps['config'], 'issuer' | 'tokens'>): string {
  return config.tokens.audience ?? config.issuer;
}

function readClaims(deps: Pick<Deps, 'secrets'>, { payload, sharedWith }: Read): AccessTokenClaims {
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
    subject: userIdOf(deps, sub),
    shownSubject: sub,
    clientId,
    audience: typeof aud === 'string' ? [aud] : aud,
    scopes: typeof scope === 'string' ? scope.split(' ').filter((name) => name !== '') : [],
    jti,
    revocationId: sharedWith === undefined ? jti : `${sharedWith} ${jti}`,
    sessionId: typeof sid === 'string' ? sid : null,
    authTimeSeconds: typeof authTime === 'number' ? authTime : null,
    acr: typeof acr === 'string' ? acr : null,
    amr: readStrings(payload['amr']),
    confirmation: readConfirmation(payload['cnf']),
    actor: isActor(payload['act']) ? payload['act'] : null,
    exchangedFrom: readSources(payload['exchanged_from']),
    authorizationDetails: Array.isArray(payload['authorization_details'])
      ? payload['authorization_details'].filter(isRecord)
      : [],
    allowedNetworks: readStrings(payload['allowed_networks']),
    userinfo: readUserinfo(payload['userinfo']),
    issuedAtSeconds: iat,
    issuedAtMilliseconds: issuanceOf(jti) ?? iat * 1000,
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

function readStrings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function readSources(value: unknown): TokenSource[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map(({ jti, client_id: client }) => ({
    jti: String(jti),
    ...(typeof client === 'string' && { client_id: client }),
  }));
}

function readUserinfo(terms: unknown): UserinfoTerms {
  if (!isRecord(terms)) return {};
  const { claims, refused, alg } = terms;
  return {
    ...(isRecord(claims) && { claims: claims as ClaimDemands }),
    ...(Array.isArray(refused) && { refused: readStrings(refused) }),
    ...(typeof alg === 'string' && { alg }),
  };
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
