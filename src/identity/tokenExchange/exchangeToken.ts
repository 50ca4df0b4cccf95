import { AppError } from '../../errors.js';
import type { Client } from '../../models/client.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import type { Actor, Confirmation } from '../tokens/accessToken.js';
import { issueUserTokens } from '../tokens/issueTokens.js';
import { senderKeyText } from '../tokens/senderKey.js';
import { subjectFor } from '../tokens/subject.js';
import { type TokenSet } from '../tokens/tokenGrant.js';
import {
  assertKnown,
  lifetimeSeconds,
  networksWithin,
  refusedClaims,
  resourcesWithin,
  scopesWithin,
} from './bounds.js';
import { assertMayImpersonate } from './impersonation.js';
import { type PresentedToken, readPresentedToken, refuseToken, type Subject } from './presentedToken.js';
import { sourcesOf } from './sources.js';

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

/**
 * Exchanges a token (RFC 8693). The new one stands for the same person in the same session, and ends with it, and with
 * whatever ends the tokens that were shown; its scopes are within the subject token's and the client's, it ends no
 * later than what it was made from, and every actor that the subject token names stays named. Three ways:
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
    authorizationDetails: subject.access?.authorizationDetails ?? null,
    refusedClaims: await refusedClaims(deps, client, subject),
    ...(actor && { actor }),
    exchangedFrom: sourcesOf(subject, acting),
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
  if (!user || !session) throw refuseToken('the subject token is about no user');
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
  if (shown.clientId !== client._id) throw refuseToken('the actor token was issued to another client');
  if (shown.actor !== null) throw refuseToken('the actor is acted for itself');
  assertShownBySender(shown, sender);
  return shown;
}

/** A token that is bound to a key is exchanged by who has the key, else the exchange would unbind it. */
function assertShownBySender({ confirmation }: PresentedToken, sender: Confirmation | null): void {
  if (confirmation === null) return;
  if (sender !== null && senderKeyText(sender) === senderKeyText(confirmation)) return;
  throw refuseToken('the token is bound to another key');
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
  if (actors > MOST_ACTORS) throw refuseToken(`more than ${MOST_ACTORS} actors`);
  return {
    sub: user ? subjectFor(deps, client, user._id) : clientId,
    client_id: clientId,
    ...(session && { sid: session._id }),
    ...(before && { act: before }),
  };
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
