import { isAppError } from '../../errors.js';
import type { Deps } from '../deps.js';
import { verifyAccessToken } from '../tokens/accessToken.js';
import { type AuthenticatedRequest, authenticateClaims, authenticateSession } from './authenticate.js';
import { isSessionAlive } from './sessions.js';

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
  if (bearer === undefined) {
    const { _id } = caller.session ?? {};
    const session = _id === undefined ? null : await deps.models.sessions.findOne({ _id }).lean();
    return session && isSessionAlive(session, deps.clock()) ? authenticateSession(deps, session) : null;
  }
  try {
    return await authenticateClaims(deps, await verifyAccessToken(deps, bearer, { callerAddress: address }));
  } catch (error) {
    if (isAppError(error, 'INVALID_TOKEN') || isAppError(error, 'UNAUTHENTICATED')) return null;
    throw error;
  }
}
