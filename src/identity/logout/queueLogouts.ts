import { isDuplicateKey } from '../../models/duplicateKey.js';
import type { Session } from '../../models/session.js';
import type { Deps } from '../deps.js';

type QueueDeps = Pick<Deps, 'clock' | 'models'>;

/**
 * Queues a logout token for each client that has had tokens in the sessions and wants to hear of their end. Call it
 * before the sessions are closed: a crash between the two tells a client too early, never not at all. Sessions that
 * are closed already are left out; asking twice queues once.
 */
export async function queueLogouts(deps: QueueDeps, sessionIds: readonly string[]): Promise<void> {
  const listening = await listeningClients(deps);
  if (listening.length === 0) return;
  const sessions = await deps.models.sessions
    .find({ _id: { $in: sessionIds }, revokedAt: null })
    .select('_id userId clientIds')
    .lean<Pick<Session, '_id' | 'userId' | 'clientIds'>[]>();
  for (const session of sessions) {
    const families = await deps.models.refreshFamilies.distinct('clientId', { sessionId: session._id });
    const held = new Set([...(session.clientIds ?? []), ...families]);
    for (const clientId of listening) if (held.has(clientId)) await queue(deps, session, clientId);
  }
}

async function listeningClients({ models }: QueueDeps): Promise<readonly string[]> {
  const clients = await models.clients
    .find({ backchannelLogoutUri: { $type: 'string' }, status: 'active' })
    .select('_id')
    .lean();
  return clients.map(({ _id }) => _id);
}

async function queue(
  { models, clock }: QueueDeps,
  session: Pick<Session, '_id' | 'userId'>,
  clientId: string,
): Promise<void> {
  const delivery = { clientId, sessionId: session._id, userId: session.userId, attempts: 0, dueAt: clock() };
  try {
    await models.logoutDeliveries.create({ _id: `${session._id}:${clientId}`, ...delivery });
  } catch (error) {
    // Queued by whoever ends the session at this moment, too.
    if (!isDuplicateKey(error)) throw error;
  }
}
