import { AppError } from '../../errors.js';
import type { Deps } from '../deps.js';
import { mails } from '../messages/mails.js';
import type { RequestOrigin } from '../ports.js';
import { normalizeEmail, normalizePhone } from './contact.js';
import { type LetterDeps, notifyOwner, ownerOf, phoneOf, sendConfirmation, siteOf } from './letters.js';
import { assertMayAskFor } from './messageLimit.js';
import { requireUser } from './userChange.js';

type ContactDeps = LetterDeps & Pick<Deps, 'audit'>;

/**
 * Asks the new address to confirm itself and tells the old one. The account keeps its address until then. Whether the
 * new one belongs to another account is decided at the confirmation, and told to nobody but who reads there.
 * @throws AppError BAD_USER_INPUT, RATE_LIMITED, NOT_FOUND
 */
export async function requestEmailChange(
  deps: ContactDeps,
  { userId, newEmail }: { userId: string; newEmail: string },
  origin: RequestOrigin,
): Promise<void> {
  const target = normalizeEmail(newEmail);
  const user = await requireUser(deps, userId);
  if (target === user.emailNormalized && user.emailVerified) throw unchanged('newEmail');
  await assertMayAskFor(deps, 'changeEmail', userId);
  await sendConfirmation(deps, 'changeEmail', userId, { channel: 'email', address: target, target });
  const notice = mails.emailChangeRequested({ site: siteOf(deps.config), newEmail: target });
  if (target !== user.emailNormalized) notifyOwner(deps, 'emailChangeRequested', ownerOf(user), notice);
  await recordRequest(deps, 'user.requestEmailChange', userId, { email: target }, origin);
}

/** Like `requestEmailChange`, by a code to the new number. @throws AppError BAD_USER_INPUT, RATE_LIMITED, NOT_FOUND */
export async function requestPhoneChange(
  deps: ContactDeps,
  { userId, newPhone }: { userId: string; newPhone: string },
  origin: RequestOrigin,
): Promise<void> {
  const target = normalizePhone(newPhone, deps.config.sms.defaultCountry);
  const user = await requireUser(deps, userId);
  if (target === user.phone && user.phoneVerified) throw unchanged('newPhone');
  await assertMayAskFor(deps, 'changePhone', userId);
  await sendConfirmation(deps, 'changePhone', userId, { channel: 'phone', address: target, target });
  const notice = mails.phoneChangeRequested({ site: siteOf(deps.config), newPhone: target });
  if (target !== user.phone)
    notifyOwner(deps, 'phoneChangeRequested', phoneOf(user) ?? ownerOf(user), notice);
  await recordRequest(deps, 'user.requestPhoneChange', userId, { phone: target }, origin);
}

function unchanged(field: string): AppError {
  return new AppError('BAD_USER_INPUT', `${field} is the present one`, {
    path: [field],
    publicMessage: 'This is the present one.',
  });
}

async function recordRequest(
  deps: ContactDeps,
  action: string,
  userId: string,
  after: object,
  origin: RequestOrigin,
): Promise<void> {
  await deps.audit.record({
    action,
    outcome: 'success',
    actor: { kind: 'user', id: userId },
    origin,
    objectType: 'User',
    objectId: userId,
    fields: Object.keys(after),
    after,
  });
}
