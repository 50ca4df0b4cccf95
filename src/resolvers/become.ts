import { sessionFacts, userPrincipal } from '../identity/sessions/principal.js';
import { withinSession } from '../identity/sessions/rolesInSession.js';
import type { Session } from '../models/session.js';
import type { User } from '../models/user.js';
import { ANONYMOUS, type TokenFacts } from '../policies/principal.js';
import type { GraphQLContext } from './context.js';

/**
 * The rest of the request is decided as this user: as if the session's cookie had been sent, or where the session is that
 * of a token, as if that had been.
 */
export function becomeUser(
  context: GraphQLContext,
  user: User,
  session: Session,
  token: TokenFacts | null = null,
): void {
  const { deps } = context;
  const facts = userPrincipal(user, sessionFacts(session), token, deps.clock());
  const principal = withinSession(deps, facts);
  Object.assign(context, {
    principal,
    access: context.accessOf(principal),
    viewer: user,
    client: null,
    session,
  } satisfies Partial<GraphQLContext>);
  context.loaders.users.clear(user._id).prime(user._id, user);
}

/** The rest of the request is decided as nobody. */
export function becomeNobody(context: GraphQLContext): void {
  Object.assign(context, {
    principal: ANONYMOUS,
    access: context.accessOf(ANONYMOUS),
    viewer: null,
    client: null,
    session: null,
  } satisfies Partial<GraphQLContext>);
}

/** The signed-in user's id. Only for fields whose mark demands a viewer. */
export function viewerOf({ viewer }: GraphQLContext): User {
  if (!viewer) throw new Error('the guard let a request without viewer through');
  return viewer;
}
