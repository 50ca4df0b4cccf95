import { isAppError } from '../../errors.js';
import type { Deps } from '../deps.js';
import { verifyAccessToken } from '../tokens/accessToken.js';
import { type AuthenticatedRequest, authenticateClaims } from './authenticate.js';
import { sessionFacts, userPrincipal } from './principal.js';
import { withinSession } from './rolesInSession.js';
import { isSessionAlive } from './sessions.js';
import { isInGoodStanding } from './standing.js';

/**
 * The caller of an answer that goes on for long, as they are now: with the roles of now, and null as soon as the token
 * or the session is over. It does not count as use of the session: an answer that goes on keeps nobody signed in.
 * The proof that came with a bound token was judged when the request began and is not asked for again.
 */
export async function renewCaller(
  deps: Pick<Deps, 'clock' | 'config' | 'denylist' | 'keys' | 'models' | 'policy' | 'secrets'>,
  caller: AuthenticatedRequest,
  { bearer, address }: { bearer: string | undefined; address: string },
): Promise<AuthenticatedRequest | null> {
  if (bearer === undefined) return renewSession(deps, caller);
  try {
    return await authenticateClaims(deps, await verifyAccessToken(deps, bearer, { callerAddress: address }));
  } catch (error) {
    if (isAppError(error, 'INVALID_TOKEN') || isAppError(error, 'UNAUTHENTICATED')) return null;
    throw error;
  }
}

async function renewSession(
  deps: Pick<Deps, 'clock' | 'config' | 'models' | 'policy'>,
  caller: AuthenticatedRequest,
): Promise<AuthenticatedRequest | null> {
  const now = deps.clock();
  const session = caller.session && (await deps.models.sessions.findOne({ _id: caller.session._id }).lean());
  if (!session || !isSessionAlive(session, now)) return null;
  const user = await deps.models.users.findOne({ _id: session.userId }).lean();
  if (!user || !isInGoodStanding(user, now)) return null;
  if (user.tokensValidAfter && session.authenticatedAt < user.tokensValidAfter) return null;
  const principal = withinSession(deps, userPrincipal(user, sessionFacts(session), null, now));
  return { ...caller, principal, user, session };
}
