import { AppError } from '../../errors.js';
import type { Client } from '../../models/client.js';
import type { User } from '../../models/user.js';
import type { Principal } from '../../policies/principal.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import type { AccessTokenClaims, Actor } from '../tokens/accessToken.js';
import { userIdOf } from '../tokens/subject.js';
import { clientPrincipal, userPrincipal } from './principal.js';
import { isFromBefore, isInGoodStanding } from './standing.js';

type ActorDeps = Pick<Deps, 'clock' | 'denylist' | 'models' | 'secrets'>;
type ActedToken = Pick<AccessTokenClaims, 'actor' | 'issuedAtMilliseconds' | 'jti'>;

/**
 * Who acts for the subject of a token, as they are now, those before them inside (RFC 8693 §4.1): a leg of the
 * effective right each. One query per actor; a token without one costs nothing.
 * @throws AppError UNAUTHENTICATED when one of them is gone, locked or disabled, has signed out, or had its tokens revoked
 */
export async function findActor(deps: ActorDeps, token: ActedToken): Promise<Principal | null> {
  const { actor } = token;
  if (actor === null) return null;
  const before = await findActor(deps, { ...token, actor: actor.act ?? null });
  const found = await (isClient(actor) ? findClient(deps, actor) : findUser(deps, actor));
  const isOver = !found || isFromBefore(token.issuedAtMilliseconds, found.tokensValidAfter);
  if (isOver || isDenied(deps, token, actor)) {
    throw new AppError('UNAUTHENTICATED', `the token's actor ${actor.sub} may not act any more`);
  }
  return { ...found.principal, actor: before };
}

/** The origin of a request that has been authenticated: whatever is audited of it names whoever acts. */
export function actedOrigin(origin: RequestOrigin, { actor }: Pick<Principal, 'actor'>): RequestOrigin {
  if (actor === null) return origin;
  const actedBy: string[] = [];
  for (let acts: Principal | null = actor; acts; acts = acts.actor) actedBy.push(`${acts.kind}:${acts.id}`);
  return { ...origin, actedBy };
}

/** The same names, from the `act` of a token that is being made. */
export function actedByOf(deps: Pick<Deps, 'secrets'>, actor: Actor | undefined): string[] {
  if (!actor) return [];
  const name = isClient(actor) ? `client:${actor.sub}` : `user:${userIdOf(deps, actor.sub)}`;
  return [name, ...actedByOf(deps, actor.act)];
}

/** What ends an actor's own tokens ends those by which it acts. */
function isDenied(deps: ActorDeps, { jti, issuedAtMilliseconds }: ActedToken, actor: Actor): boolean {
  return deps.denylist.isDenied({
    jti,
    sid: actor.sid,
    sub: userIdOf(deps, actor.sub),
    clientId: actor.client_id ?? '',
    issuedAtSeconds: issuedAtMilliseconds / 1000,
  });
}

/** RFC 9068 §2.2: a client that acts on its own behalf is its own subject. */
function isClient({ sub, client_id: clientId }: Actor): boolean {
  return sub === clientId;
}

interface Found {
  readonly principal: Principal;
  readonly tokensValidAfter: Date | null | undefined;
}

async function findClient({ models }: ActorDeps, { sub }: Actor): Promise<Found | null> {
  const client = await models.clients.findOne({ _id: sub, status: 'active' }).lean<Client>();
  return client && { principal: clientPrincipal(client, null), tokensValidAfter: client.tokensValidAfter };
}

async function findUser(deps: ActorDeps, { sub }: Actor): Promise<Found | null> {
  const user = await deps.models.users.findOne({ _id: userIdOf(deps, sub) }).lean<User>();
  const now = deps.clock();
  if (!user || !isInGoodStanding(user, now)) return null;
  const principal = userPrincipal(user, null, null, now);
  return { principal, tokensValidAfter: user.tokensValidAfter };
}
