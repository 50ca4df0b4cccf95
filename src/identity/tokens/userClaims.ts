import type { PostalAddress, User } from '../../models/user.js';

type Claims = Record<string, unknown>;

/**
 * The standard claims that the scopes ask for (OpenID Connect Core §5.4), without `sub`. What the user has not given
 * is left out.
 */
export function userClaims(user: User, scopes: readonly string[]): Claims {
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
