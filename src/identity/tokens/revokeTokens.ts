import { AppError } from '../../errors.js';
import { RECENT_MILLISECONDS } from '../../models/readRecently.js';
import type { Deps } from '../deps.js';
import type { AuditActor, RequestOrigin } from '../ports.js';
import { closeSessions, revokeSession } from '../sessions/sessions.js';
import { revokeFamilies, revokeFamily } from './families.js';

type RevokeDeps = Pick<Deps, 'audit' | 'clock' | 'denylist' | 'keys' | 'models'>;

export interface RevokeTarget {
  readonly kind: 'accessToken' | 'family' | 'session' | 'client' | 'user' | 'everything';
  /** Of the user, client, session or family; of an access token its `revocationId`. */
  readonly id?: string;
}

const REASON = 'all tokens revoked';

/**
 * Revokes one access token, a refresh family with the access tokens of its client in its session, or every token of a
 * session, a client, a user (with all sessions), or the whole installation (with all sessions and the keys that
 * signed). Always from the root to the leaves: first what could issue anew, then the refresh families, last the mark
 * that refuses access tokens, so that one issued meanwhile is refused too. Safe to repeat.
 * @throws AppError NOT_FOUND, BAD_USER_INPUT (no id)
 */
export async function revokeTokens(
  deps: RevokeDeps,
  target: RevokeTarget,
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<void> {
  if (target.kind === 'everything') await revokeEverything(deps);
  else await revokeOne(deps, target.kind, target.id, actor, origin);
  await deps.audit.record({
    action: 'token.revokeAll',
    outcome: 'success',
    actor,
    origin,
    objectType: OBJECT_TYPES[target.kind],
    ...(target.id === undefined ? {} : { objectId: target.id }),
  });
}

const OBJECT_TYPES = {
  accessToken: 'AccessToken',
  family: 'RefreshFamily',
  user: 'User',
  client: 'Client',
  session: 'Session',
  everything: 'Installation',
} as const;

async function revokeOne(
  deps: RevokeDeps,
  kind: Exclude<RevokeTarget['kind'], 'everything'>,
  id: string | undefined,
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<void> {
  if (!id) throw new AppError('BAD_USER_INPUT', `revoking the tokens of no ${kind}`, { path: [kind] });
  if (kind === 'session') return revokeSession(deps, id, REASON, actor, origin);
  if (kind === 'user') return revokeOfUser(deps, id);
  if (kind === 'client') return revokeOfClient(deps, id);
  return kind === 'family' ? revokeOfFamily(deps, id) : deps.denylist.deny('jti', id);
}

async function revokeOfFamily(deps: RevokeDeps, familyId: string): Promise<void> {
  const family = await deps.models.refreshFamilies.findOne({ _id: familyId }).lean();
  if (!family) throw new AppError('NOT_FOUND', `there is no refresh family ${familyId}`);
  await revokeFamily(deps, family, REASON);
}

async function revokeOfUser(deps: RevokeDeps, userId: string): Promise<void> {
  const now = deps.clock();
  const found = await deps.models.users.updateOne({ _id: userId }, { $set: { tokensValidAfter: now } });
  if (found.matchedCount === 0) throw new AppError('NOT_FOUND', `there is no user ${userId}`);
  const sessions = await deps.models.sessions.find({ userId, revokedAt: null }).select('_id').lean();
  await closeSessions(
    deps,
    sessions.map(({ _id }) => _id),
    REASON,
  );
  await revokeFamilies(deps, { userId }, REASON);
  await deps.denylist.deny('user', userId);
}

/**
 * Browser sessions live on: the user goes on being signed in, the app asks anew. For as long as another process may go by
 * what it knew of the client, a grant that it begins is over as well.
 */
async function revokeOfClient(deps: RevokeDeps, clientId: string): Promise<void> {
  const tokensValidAfter = new Date(deps.clock().getTime() + RECENT_MILLISECONDS);
  const found = await deps.models.clients.updateOne({ _id: clientId }, { $set: { tokensValidAfter } });
  if (found.matchedCount === 0) throw new AppError('NOT_FOUND', `there is no client ${clientId}`);
  await revokeFamilies(deps, { clientId }, REASON);
  await deps.denylist.deny('client', clientId);
}

/** The old keys are thrown away as well, so that resource servers that verify by themselves learn it too. */
async function revokeEverything(deps: RevokeDeps): Promise<void> {
  await deps.models.sessions.updateMany(
    { revokedAt: null },
    { $set: { revokedAt: deps.clock(), revokedReason: REASON } },
  );
  await revokeFamilies(deps, {}, REASON);
  await deps.denylist.deny('everything', '');
  await deps.keys.rotate({ discardOld: true });
}
