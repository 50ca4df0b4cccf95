import type { PostalAddress, User } from '../../models/user.js';
import { type ClaimDemand, scopeOfClaim } from '../authorization/claimsRequest.js';

type Claims = Record<string, unknown>;

/** Claims by name, each with what is asked of it (OpenID Connect Core §5.5.1). */
export type ClaimDemands = Readonly<Record<string, ClaimDemand>>;

export interface ClaimSelection {
  readonly scopes: readonly string[];
  /** Asked for by name, beside what the scopes stand for. */
  readonly demands?: ClaimDemands;
  /** What the person left out. */
  readonly refusedClaims?: readonly string[];
}

const PERSONAL_SCOPES = ['profile', 'email', 'phone', 'address'];

/**
 * The standard claims that the scopes and the demands ask for (OpenID Connect Core §5.4, §5.5), without `sub` and
 * without what the person refused. What the user has not given, or has another value of than asked for, is left out:
 * also an essential claim (§5.5.1: that is no error).
 */
export function userClaims(user: User, { scopes, demands = {}, refusedClaims = [] }: ClaimSelection): Claims {
  const claims = claimsOfScopes(user, scopes);
  const everything = Object.keys(demands).length === 0 ? {} : claimsOfScopes(user, PERSONAL_SCOPES);
  for (const [name, demand] of Object.entries(demands)) {
    if (name in everything && meets(everything[name], demand)) claims[name] = everything[name];
  }
  for (const name of refusedClaims) {
    delete claims[name];
    // Alone it would still say that there is one.
    delete claims[`${name}_verified`];
  }
  return claims;
}

/** The demands whose scopes a client may ask for: a claim by name is no way around them. */
export function demandsWithin(
  demands: ClaimDemands | undefined,
  clientScopes: readonly string[],
): ClaimDemands {
  return Object.fromEntries(
    Object.entries(demands ?? {}).filter(([name]) => clientScopes.includes(scopeOfClaim(name) ?? '')),
  );
}

function meets(value: unknown, demand: ClaimDemand): boolean {
  if (demand?.value !== undefined && demand.value !== value) return false;
  return demand?.values === undefined || demand.values.some((one) => one === value);
}

function claimsOfScopes(user: User, scopes: readonly string[]): Claims {
  const claims: Claims = {};
  if (scopes.includes('profile')) Object.assign(claims, profileClaims(user));
  if (scopes.includes('email') && user.email) {
    Object.assign(claims, { email: user.email, email_verified: user.emailVerified });
  }
  if (scopes.includes('phone') && user.phone) {
    Object.assign(claims, { phone_number: user.phone, phone_number_verified: user.phoneVerified });
  }
  if (scopes.includes('address') && user.address) {
    Object.assign(claims, { address: addressClaim(user.address) });
  }
  return claims;
}

function profileClaims(user: User): Claims {
  return withoutGaps({
    name: user.name,
    given_name: user.givenName,
    family_name: user.familyName,
    nickname: user.nickname,
    preferred_username: user.username,
    picture: user.picture,
    website: user.website,
    gender: user.gender,
    birthdate: user.birthdate,
    zoneinfo: user.zoneinfo,
    locale: user.locale,
    updated_at: Math.floor(user.updatedAt.getTime() / 1000),
  });
}

/** OpenID Connect Core §5.1.1 */
function addressClaim(address: PostalAddress): Claims {
  return withoutGaps({
    formatted: address.formatted,
    street_address: address.streetAddress,
    locality: address.locality,
    region: address.region,
    postal_code: address.postalCode,
    country: address.country,
  });
}

function withoutGaps(claims: Claims): Claims {
  return Object.fromEntries(
    Object.entries(claims).filter(([, value]) => value !== null && value !== undefined),
  );
}
