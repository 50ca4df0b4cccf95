import type { AuthorizationRequest } from './request.js';

/** What is asked of one claim (OpenID Connect Core §5.5.1); null: nothing but the claim. */
export type ClaimDemand = {
  readonly essential?: boolean;
  readonly value?: string | number | boolean;
  readonly values?: readonly (string | number | boolean)[];
} | null;

/** The `claims` parameter, as far as it asks for what we have. */
export type ClaimsRequest = {
  readonly userinfo?: Readonly<Record<string, ClaimDemand>>;
  readonly id_token?: Readonly<Record<string, ClaimDemand>>;
};

/** The claims about a person that each scope stands for (OpenID Connect Core §5.4). */
export const CLAIMS_OF_SCOPE: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'profile',
    [
      'name',
      'given_name',
      'family_name',
      'nickname',
      'preferred_username',
      'picture',
      'website',
      'gender',
      'birthdate',
      'zoneinfo',
      'locale',
      'updated_at',
    ],
  ],
  ['email', ['email', 'email_verified']],
  ['phone', ['phone_number', 'phone_number_verified']],
  ['address', ['address']],
]);

const SCOPE_OF_CLAIM: ReadonlyMap<string, string> = new Map(
  [...CLAIMS_OF_SCOPE].flatMap(([scope, claims]) => claims.map((claim) => [claim, scope] as const)),
);

/** Every claim about a person that a client may ask for by name. */
export const PERSONAL_CLAIMS: readonly string[] = [...SCOPE_OF_CLAIM.keys()];

/** The scope that stands for a claim; undefined for what is no claim about a person. */
export const scopeOfClaim = (claim: string): string | undefined => SCOPE_OF_CLAIM.get(claim);

type Asking = Pick<AuthorizationRequest, 'claims' | 'scopes'>;

/** The claims that a request asks for by name, beyond what its scopes stand for, and whether the app calls them essential. */
export function claimsByName(request: Asking): ReadonlyMap<string, { essential: boolean }> {
  const found = new Map<string, { essential: boolean }>();
  for (const [claim, demand] of demandsOf(request)) {
    if (request.scopes.includes(scopeOfClaim(claim) ?? '')) continue;
    found.set(claim, { essential: found.get(claim)?.essential === true || demand?.essential === true });
  }
  return found;
}

/** The claims that a request asks for by name and by a scope, when that scope was refused: the name is no way around it. */
export function claimsRefusedWith(request: Asking, grantedScopes: readonly string[]): string[] {
  const refused = request.scopes.filter((scope) => !grantedScopes.includes(scope));
  const claims = demandsOf(request).map(([claim]) => claim);
  return [...new Set(claims)].filter((claim) => refused.includes(scopeOfClaim(claim) ?? ''));
}

function demandsOf({ claims }: Asking): [claim: string, demand: ClaimDemand][] {
  const { userinfo, id_token: idToken } = (claims ?? {}) as ClaimsRequest;
  return [...Object.entries(userinfo ?? {}), ...Object.entries(idToken ?? {})];
}
