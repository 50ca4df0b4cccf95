import type { RefreshFamily } from '../../models/refreshFamily.js';
import { notifyOwner, ownerOf, siteOf } from '../accounts/letters.js';
import type { Deps } from '../deps.js';
import { mails } from '../messages/mails.js';
import type { RequestOrigin } from '../ports.js';
import { revokeFamily } from './families.js';

type TheftDeps = Pick<
  Deps,
  'audit' | 'clock' | 'config' | 'denylist' | 'mail' | 'messages' | 'metrics' | 'models' | 'sms'
>;

/**
 * Somebody used a refresh token that was already exchanged: the owner or a thief, one cannot know which. Ends this
 * device's family and its access tokens, and tells the owner, once however often the token is shown.
 */
export async function endStolenFamily(
  deps: TheftDeps,
  family: RefreshFamily,
  counter: number,
  origin: RequestOrigin,
): Promise<void> {
  const first = await revokeFamily(deps, family, 'a used refresh token was shown again');
  if (!first) return;
  deps.metrics.refreshRotation('theft');
  await deps.audit.record({
    action: 'token.reuse',
    outcome: 'denied',
    actor: { kind: 'client', id: family.clientId, clientId: family.clientId, sessionId: family.sessionId },
    origin,
    objectType: 'RefreshFamily',
    objectId: family._id,
    reason: `token ${counter} was shown when ${family.counter} was due; user ${family.userId}`,
  });
  await warnOwner(deps, family);
}

async function warnOwner(deps: TheftDeps, family: RefreshFamily): Promise<void> {
  const [user, session] = await Promise.all([
    deps.models.users.findOne({ _id: family.userId }).lean(),
    deps.models.sessions.findOne({ _id: family.sessionId }).lean(),
  ]);
  if (!user) return;
  const device = session?.device.name ?? 'an unknown device';
  const notice = mails.refreshTokenReused({ site: siteOf(deps.config), device });
  notifyOwner(deps, 'refreshTokenReused', ownerOf(user), notice);
}
