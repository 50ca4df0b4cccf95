import type { User } from '../../models/user.js';
import { type LetterDeps, notifyOwner, ownerOf, siteOf } from '../accounts/letters.js';
import type { Deps } from '../deps.js';
import { mails } from '../messages/mails.js';
import type { RequestOrigin } from '../ports.js';
import { describeDevice } from './device.js';

/** Audits that an account was entered from a device for the first time, and writes to its owner. */
export async function tellOfNewDevice(
  deps: LetterDeps & Pick<Deps, 'audit' | 'places'>,
  user: User,
  sessionId: string,
  origin: RequestOrigin,
): Promise<void> {
  const { name: device } = describeDevice(origin.userAgent);
  const place = deps.places.placeOf(origin.address);
  await deps.audit.record({
    action: 'user.newDevice',
    outcome: 'success',
    actor: { kind: 'user', id: user._id, sessionId },
    origin,
    objectType: 'User',
    objectId: user._id,
    after: { device, ...(place && { place }) },
  });
  const where = [place?.city, place?.country].filter(Boolean).join(', ');
  const letter = { site: siteOf(deps.config), device, where, address: origin.address, at: deps.clock() };
  notifyOwner(deps, 'newDevice', ownerOf(user), mails.newDevice(letter));
}
