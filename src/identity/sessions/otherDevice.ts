import { AppError } from '../../errors.js';
import type { RefreshFamily } from '../../models/refreshFamily.js';
import type { Session } from '../../models/session.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { describeDevice } from './device.js';

/**
 * A refresh from another kind of device than the session's (another system, or a program in place of a browser) is a
 * sign of a copied token: audited, and refused where `sessions.otherDeviceRefresh` says so. Versions may change, and of
 * an app that the person entered through a browser nothing is known: its server or its own program refreshes.
 * @throws AppError INVALID_GRANT
 */
export async function assertSameKindOfDevice(
  deps: Pick<Deps, 'audit' | 'config'>,
  { device, clientId: openedBy }: Pick<Session, 'clientId' | 'device'>,
  family: Pick<RefreshFamily, 'userId' | 'clientId' | 'sessionId'>,
  origin: RequestOrigin,
): Promise<void> {
  if (openedBy !== family.clientId) return;
  const now = describeDevice(origin.userAgent);
  if (now.kind === device.kind && now.os === (device.os ?? null)) return;
  const refused = deps.config.sessions.otherDeviceRefresh === 'refuse';
  const { userId, clientId, sessionId } = family;
  await deps.audit.record({
    action: 'session.otherDevice',
    outcome: refused ? 'denied' : 'success',
    actor: { kind: 'user', id: userId, clientId, sessionId },
    origin,
    objectType: 'Session',
    objectId: sessionId,
    before: { device: device.name },
    after: { device: now.name },
  });
  if (refused) throw new AppError('INVALID_GRANT', `a refresh of session ${sessionId} from ${now.name}`);
}
