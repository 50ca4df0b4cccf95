import { AppError } from '../errors.js';
import { findUserByIdentifier } from '../identity/accounts/lookup.js';
import type { Deps } from '../identity/deps.js';
import type { User } from '../models/user.js';

/** The account of an id, e-mail address, phone number or username. @throws AppError NOT_FOUND */
export async function findUser(
  deps: Pick<Deps, 'models' | 'config' | 'clock'>,
  reference: string,
): Promise<User> {
  const user =
    (await deps.models.users.findById(reference).lean<User>()) ??
    (await findUserByIdentifier(deps, reference));
  if (!user) throw new AppError('NOT_FOUND', `there is no user ${reference}`);
  return user;
}
