import type { RefreshFamily } from '../../models/refreshFamily.js';
import type { Deps } from '../deps.js';
import { isSessionAlive } from '../sessions/sessions.js';
import { isFromBefore, isInGoodStanding } from '../sessions/standing.js';
import { parseRefreshToken } from './refreshTokenFormat.js';

/** The family of a refresh token that would be accepted now, for introspection; else null. */
export async function findRefreshFamily(
  deps: Pick<Deps, 'clock' | 'models' | 'secrets'>,
  token: string,
): Promise<RefreshFamily | null> {
  const position = parseRefreshToken(deps, token);
  if (!position) return null;
  const now = deps.clock();
  const family = await deps.models.refreshFamilies
    .findOne({
      _id: position.familyId,
      counter: position.counter,
      revokedAt: null,
      expiresAt: { $gt: now },
    })
    .lean();
  if (!family) return null;
  const { sessions, users, clients } = deps.models;
  const [session, user, client] = await Promise.all([
    sessions.findOne({ _id: family.sessionId }).lean(),
    users.findOne({ _id: family.userId }).lean(),
    clients.findOne({ _id: family.clientId, status: 'active' }).lean(),
  ]);
  if (!session || !user || !client) return null;
  if (!isSessionAlive(session, now) || !isInGoodStanding(user, now)) return null;
  const marks = [user.tokensValidAfter, client.tokensValidAfter];
  return marks.some((mark) => isFromBefore(family.createdAt, mark)) ? null : family;
}
