import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { recordChange } from './userChange.js';

/**
 * Frees a contact for a sign-up where an account names it, never confirmed it, and has confirmed another. It may be a
 * stranger's: they must neither be kept from an account of their own nor be handed that one, in which whoever opened
 * it would keep a hand.
 */
export async function releaseUnproven(
  deps: Pick<Deps, 'models' | 'audit'>,
  contact: Pick<Partial<User>, 'emailNormalized' | 'phone'>,
  origin: RequestOrigin,
): Promise<void> {
  const { emailNormalized, phone } = contact;
  if (emailNormalized) {
    const filter = { emailNormalized, emailVerified: false, phoneVerified: true };
    await take(deps, filter, ['email', 'emailNormalized'], origin);
  }
  if (phone) await take(deps, { phone, phoneVerified: false, emailVerified: true }, ['phone'], origin);
}

async function take(
  deps: Pick<Deps, 'models' | 'audit'>,
  filter: Partial<User>,
  fields: readonly (keyof User)[],
  origin: RequestOrigin,
): Promise<void> {
  const before = await deps.models.users
    .findOneAndUpdate(filter, { $unset: Object.fromEntries(fields.map((field) => [field, 1])) })
    .lean<User>();
  if (!before) return;
  const after: User = { ...before, ...Object.fromEntries(fields.map((field) => [field, null])) };
  await recordChange(deps, 'user.releaseContact', { before, after }, fields, { kind: 'system' }, origin);
}
