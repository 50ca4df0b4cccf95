import { AppError } from '../../errors.js';
import {
  type ClaimDemand,
  type ClaimsRequest,
  scopeOfClaim,
} from '../../identity/authorization/claimsRequest.js';

/** What a `claims` parameter says (OpenID Connect Core §5.5). */
export interface ReadClaims {
  /** Of what is asked for, what we have and the client may see. */
  readonly claims: ClaimsRequest;
  /** `acr` as an essential claim: one of these, or no answer. */
  readonly essentialAcrs: readonly string[];
  /** `acr` as a voluntary claim: like `acr_values`. */
  readonly voluntaryAcrs: readonly string[];
  /** `sub` with a value: nobody else will do. */
  readonly subject: string | undefined;
}

const LONGEST_VALUES = 20;

/**
 * Reads a `claims` parameter. Claims that we do not know are ignored (§5.5), and so are those whose scope the client may
 * not ask for: a claim by name is no way around the scopes. @throws AppError INVALID_REQUEST when it is malformed
 */
export function readClaimsParameter(text: string, clientScopes: readonly string[]): ReadClaims {
  const parsed = asObject(parse(text));
  const userinfo = readMember(parsed['userinfo']);
  const idToken = readMember(parsed['id_token']);
  const mine = (member: ReadonlyMap<string, ClaimDemand>) =>
    Object.fromEntries([...member].filter(([claim]) => clientScopes.includes(scopeOfClaim(claim) ?? '')));
  const acr = idToken.get('acr');
  const acrs = acr ? valuesOf(acr).filter((value) => typeof value === 'string') : [];
  const subject = idToken.get('sub')?.value ?? userinfo.get('sub')?.value;
  return {
    claims: {
      ...(userinfo.size > 0 && { userinfo: mine(userinfo) }),
      ...(idToken.size > 0 && { id_token: mine(idToken) }),
    },
    essentialAcrs: acr?.essential ? acrs : [],
    voluntaryAcrs: acr?.essential ? [] : acrs,
    subject: typeof subject === 'string' ? subject : undefined,
  };
}

function readMember(member: unknown): ReadonlyMap<string, ClaimDemand> {
  if (member === undefined || member === null) return new Map();
  return new Map(Object.entries(asObject(member)).map(([claim, demand]) => [claim, readDemand(demand)]));
}

/** §5.5.1: "Other members MAY be defined"; what is not understood is ignored. */
function readDemand(demand: unknown): ClaimDemand {
  if (demand === null) return null;
  const { essential, value, values } = asObject(demand);
  const known = Array.isArray(values) ? values.slice(0, LONGEST_VALUES).filter(isScalar) : [];
  return {
    ...(essential === true && { essential }),
    ...(isScalar(value) && { value }),
    ...(known.length > 0 && { values: known }),
  };
}

function valuesOf(demand: NonNullable<ClaimDemand>): readonly unknown[] {
  return demand.value === undefined ? (demand.values ?? []) : [demand.value];
}

const isScalar = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed();
  }
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw malformed();
}

function malformed(): AppError {
  const publicMessage = 'claims must be a JSON object of OpenID Connect Core §5.5';
  return new AppError('INVALID_REQUEST', publicMessage, {
    publicMessage: 'claims must be a JSON object as in OpenID Connect Core 5.5',
  });
}
