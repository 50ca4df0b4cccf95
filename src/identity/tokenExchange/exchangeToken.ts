import { AppError } from '../../errors.js';
import type { Client } from '../../models/client.js';
import type { Session } from '../../models/session.js';
import type { User } from '../../models/user.js';
import { findConsent } from '../consents.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { type Actor, type Confirmation, defaultAudience } from '../tokens/accessToken.js';
import { issueUserTokens, type TokenSet } from '../tokens/issueTokens.js';
import { senderKeyText } from '../tokens/senderKey.js';
import { subjectFor } from '../tokens/subject.js';
import { assertMayImpersonate } from './impersonation.js';
import { type PresentedToken, readPresentedToken } from './presentedToken.js';

type ExchangeDeps = Pick<
  Deps,
  | 'audit'
  | 'clock'
  | 'config'
  | 'denylist'
  | 'ephemeral'
  | 'keys'
  | 'logger'
  | 'models'
  | 'policy'
  | 'secrets'
>;

/** A chain of services is short; each actor is a leg of every decision. */
const MOST_ACTORS = 4;
/** An exchanged token is short-lived on purpose. */
const NOT_HANDED_ON = 'offline_access';

export interface ShownToken {
  readonly token: string;
  readonly type: string;
}

export interface TokenExchangeRequest {
  readonly client: Client;
  readonly subject: ShownToken;
  /** Present: delegation, the new token names the actor (RFC 8693 §1.1). */
  readonly actor: ShownToken | null;
  /** Null: all that there is to have. */
  readonly scopes: readonly string[] | null;
  /** What the new token is for; empty: what the subject token is for. */
  readonly resources: readonly string[];
  readonly sender: Confirmation | null;
}

/** A subject that is a person with a living session. */
type Subject = PresentedToken & { readonly user: User; readonly session: Session };

/**
 * Exchanges a token (RFC 8693). The new one stands for the same person in the same session, so that it ends with it;
 * its scopes are within the subject token's and the client's, it ends no later than what it was made from, and every
 * actor that the subject token names stays named. Three ways:
 * - with an actor token, which must be the client's own: delegation, the new token names the actor;
 * - without one, of a token that was issued to this client: narrowing;
 * - without one, of another client's: impersonation, behind a right (see `assertMayImpersonate`).
 * @throws AppError INVALID_REQUEST, INVALID_SCOPE, INVALID_TARGET, UNAUTHORIZED_CLIENT
 */
export async function exchangeToken(
  deps: ExchangeDeps,
  request: TokenExchangeRequest,
  origin: RequestOrigin,
): Promise<TokenSet> {
  const { client, sender } = request;
  const first = await readSubject(deps, request, origin);
  const issuedAtMilliseconds = deps.denylist.issuanceTimeMilliseconds({
    sid: first.session._id,
    sub: first.user._id,
    clientId: client._id,
  });
  // Again, now that the time of issuance is fixed: a revocation in between refuses either this or the new token.
  const subject = await readSubject(deps, request, origin);
  const acting = request.actor && (await readActor(deps, client, request.actor, sender, origin));
  await assertMayExchange(deps, client, subject, acting !== null, origin);

  const actor = acting ? chain(deps, client, acting, subject.actor) : subject.actor;
  const scopes = await scopesWithin(deps, request, subject);
  const resources = resourcesWithin(deps, request.resources, subject);
  assertKnown(deps, scopes, resources);
  const tokens = await issueUserTokens(deps, {
    user: subject.user,
    session: subject.session,
    client,
    scopes,
    resources,
    authorizationDetails: detailsWithin(client, subject),
    refusedClaims: await refusedClaims(deps, client, subject),
    ...(actor && { actor }),
    sender,
    withRefreshToken: false,
    withIdToken: false,
    maxTtlSeconds: lifetimeSeconds(deps, subject, acting),
    allowedNetworks: networksWithin(client, subject),
    issuedAtMilliseconds,
  });
  if (acting) noteDelegation(deps, client, acting, subject, origin);
  return tokens;
}

async function readSubject(
  deps: ExchangeDeps,
  { client, subject, sender }: TokenExchangeRequest,
  origin: RequestOrigin,
): Promise<Subject> {
  const shown = await readPresentedToken(deps, { ...subject, client }, origin);
  const { user, session } = shown;
  if (!user || !session) throw refusal('the subject token is about no user');
  assertShownBySender(shown, sender);
  return { ...shown, user, session };
}

/** Whoever acts must be who the client is, or somebody who has signed in to it: nobody lends others' names. */
async function readActor(
  deps: ExchangeDeps,
  client: Client,
  token: ShownToken,
  sender: Confirmation | null,
  origin: RequestOrigin,
): Promise<PresentedToken> {
  const shown = await readPresentedToken(deps, { ...token, client }, origin);
  if (shown.clientId !== client._id) throw refusal('the actor token was issued to another client');
  if (shown.actor !== null) throw refusal('the actor is acted for itself');
  assertShownBySender(shown, sender);
  return shown;
}

/** A token that is bound to a key is exchanged by who has the key, else the exchange would unbind it. */
function assertShownBySender({ confirmation }: PresentedToken, sender: Confirmation | null): void {
  if (confirmation === null) return;
  if (sender !== null && senderKeyText(sender) === senderKeyText(confirmation)) return;
  throw refusal('the token is bound to another key');
}

async function assertMayExchange(
  deps: ExchangeDeps,
  client: Client,
  subject: Subject,
  isDelegation: boolean,
  origin: RequestOrigin,
): Promise<void> {
  const isOwn = subject.clientId === client._id;
  // Whoever finds a token could say that they are a public client.
  if (client.tokenEndpointAuthMethod === 'none' && (isDelegation || !isOwn)) {
    throw new AppError(
      'UNAUTHORIZED_CLIENT',
      `client ${client._id} is public and may only narrow its own tokens`,
    );
  }
  if (isDelegation || isOwn) return;
  await assertMayImpersonate(deps, client, subject.user, origin);
}

/** RFC 8693 §4.1: the newest actor outermost, those before it inside. */
function chain(
  deps: ExchangeDeps,
  client: Client,
  { user, session, clientId }: PresentedToken,
  before: Actor | null,
): Actor {
  let actors = 1;
  for (let act = before; act; act = act.act ?? null) actors += 1;
  if (actors > MOST_ACTORS) throw refusal(`more than ${MOST_ACTORS} actors`);
  return {
    sub: user ? subjectFor(deps, client, user._id) : clientId,
    client_id: clientId,
    ...(session && { sid: session._id }),
    ...(before && { act: before }),
  };
}

async function scopesWithin(
  deps: ExchangeDeps,
  { client, scopes }: TokenExchangeRequest,
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
async function consentedScopes(deps: ExchangeDeps, client: Client, { user }: Subject): Promise<string[]> {
  if (client.firstParty) return [...client.scopes];
  return (await findConsent(deps, user._id, client._id))?.scopes ?? [];
}

/** What the person left out stays out. */
async function refusedClaims(
  deps: ExchangeDeps,
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
function resourcesWithin(
  { config }: ExchangeDeps,
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

/** Where the APIs know scopes, a token with none of them would open nothing. */
function assertKnown(
  { config }: ExchangeDeps,
  scopes: readonly string[],
  resources: readonly string[],
): void {
  const declared = config.resources.filter(({ identifier }) => resources.includes(identifier));
  const known = declared.flatMap((resource) => resource.scopes);
  if (known.length === 0 || scopes.some((scope) => known.includes(scope))) return;
  throw new AppError('INVALID_SCOPE', 'the API knows none of the scopes that are left');
}

function detailsWithin({ authorizationDetailsTypes }: Client, { access }: Subject) {
  return (access?.authorizationDetails ?? []).filter(({ type }) =>
    authorizationDetailsTypes.includes(String(type)),
  );
}

function lifetimeSeconds({ clock }: ExchangeDeps, subject: Subject, acting: PresentedToken | null): number {
  const end = Math.min(subject.expiresAtSeconds, acting?.expiresAtSeconds ?? Number.POSITIVE_INFINITY);
  const left = Math.floor(end - clock().getTime() / 1000);
  if (left < 1) throw refusal('a token is at its end');
  return left;
}

/** Both restrictions hold: of two lists, the ranges that both name. */
function networksWithin({ allowedNetworks: own }: Client, { access }: Subject): readonly string[] {
  const inherited = access?.allowedNetworks ?? [];
  if (inherited.length === 0) return own;
  if (own.length === 0) return inherited;
  const both = own.filter((network) => inherited.includes(network));
  if (both.length === 0) throw refusal('no network is left');
  return both;
}

function noteDelegation(
  deps: ExchangeDeps,
  client: Client,
  acting: PresentedToken,
  { user, session }: Subject,
  origin: RequestOrigin,
): void {
  deps.audit.recordSoon({
    action: 'token.delegate',
    outcome: 'success',
    actor: {
      kind: acting.user ? 'user' : 'client',
      id: acting.user?._id ?? acting.clientId,
      clientId: client._id,
      sessionId: session._id,
    },
    origin,
    objectType: 'User',
    objectId: user._id,
  });
}

function refusal(detail: string): AppError {
  return new AppError('INVALID_REQUEST', `token exchange: ${detail}`, {
    publicMessage: 'subject_token or actor_token is not valid, or not one that this server exchanges',
  });
}
