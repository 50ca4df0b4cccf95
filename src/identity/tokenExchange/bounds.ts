import { AppError } from '../../errors.js';
import type { Client } from '../../models/client.js';
import { findConsent } from '../consents.js';
import type { Deps } from '../deps.js';
import { defaultAudience } from '../tokens/accessToken.js';
import { type PresentedToken, refuseToken, type Subject } from './presentedToken.js';

// What an exchanged token may be at most: each of these only ever narrows.

type BoundDeps = Pick<Deps, 'clock' | 'config' | 'models'>;

/** An exchanged token is short-lived on purpose. */
const NOT_HANDED_ON = 'offline_access';

/** What was asked for, or all that both the subject token and the client have. @throws AppError INVALID_SCOPE */
export async function scopesWithin(
  deps: BoundDeps,
  { client, scopes }: { readonly client: Client; readonly scopes: readonly string[] | null },
  subject: Subject,
): Promise<string[]> {
  const granted = subject.access?.scopes ?? (await consentedScopes(deps, client, subject));
  const available = granted.filter((scope) => client.scopes.includes(scope) && scope !== NOT_HANDED_ON);
  const wider = (scopes ?? []).filter((scope) => !available.includes(scope));
  if (wider.length > 0)
    throw new AppError('INVALID_SCOPE', `the exchange would widen: ${wider.length} scopes`);
  const chosen = scopes === null ? available : [...scopes];
  if (chosen.length === 0) throw new AppError('INVALID_SCOPE', 'no scope is left');
  return chosen;
}

/** An ID token stands for no scope: what the person lets its client do does. */
async function consentedScopes(deps: BoundDeps, client: Client, { user }: Subject): Promise<string[]> {
  if (client.firstParty) return [...client.scopes];
  return (await findConsent(deps, user._id, client._id))?.scopes ?? [];
}

/** What the person left out stays out. */
export async function refusedClaims(
  deps: BoundDeps,
  client: Client,
  subject: Subject,
): Promise<readonly string[]> {
  if (subject.access) return subject.access.userinfo.refused ?? [];
  return (await findConsent(deps, subject.user._id, client._id))?.refusedClaims ?? [];
}

/**
 * Fieldgate's own API only for a token that reaches it already: an API that was shown a token must not be able to turn
 * it against the account behind it. Other APIs by the rules of the resources, with the scopes that they know.
 */
export function resourcesWithin(
  { config }: BoundDeps,
  requested: readonly string[],
  { access }: Subject,
): readonly string[] {
  const own = defaultAudience(config);
  const audience = access?.audience ?? [own];
  const wanted = requested.length > 0 ? requested : audience;
  if (wanted.includes(own) && !audience.includes(own)) {
    throw new AppError('INVALID_TARGET', 'the subject token does not reach the own API');
  }
  return wanted;
}

/** Where the APIs know scopes, a token with none of them would open nothing. @throws AppError INVALID_SCOPE */
export function assertKnown(
  { config }: BoundDeps,
  scopes: readonly string[],
  resources: readonly string[],
): void {
  const declared = config.resources.filter(({ identifier }) => resources.includes(identifier));
  const known = declared.flatMap((resource) => resource.scopes);
  if (known.length === 0 || scopes.some((scope) => known.includes(scope))) return;
  throw new AppError('INVALID_SCOPE', 'the API knows none of the scopes that are left');
}

/** Until the first of the tokens ends that were shown. @throws AppError INVALID_REQUEST when that is now */
export function lifetimeSeconds(
  { clock }: BoundDeps,
  subject: Subject,
  acting: PresentedToken | null,
): number {
  const end = Math.min(subject.expiresAtSeconds, acting?.expiresAtSeconds ?? Number.POSITIVE_INFINITY);
  const left = Math.floor(end - clock().getTime() / 1000);
  if (left < 1) throw refuseToken('a token is at its end');
  return left;
}

/** Both restrictions hold: of two lists, the ranges that both name. */
export function networksWithin({ allowedNetworks: own }: Client, { access }: Subject): readonly string[] {
  const inherited = access?.allowedNetworks ?? [];
  if (inherited.length === 0) return own;
  if (own.length === 0) return inherited;
  const both = own.filter((network) => inherited.includes(network));
  if (both.length === 0) throw refuseToken('no network is left');
  return both;
}
