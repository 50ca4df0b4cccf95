import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import type { AuditActor, RequestOrigin } from '../ports.js';
import { parseUsername } from './contact.js';
import { type ProfilePatch, validProfile } from './profileFields.js';
import { changeUser, recordChange } from './userChange.js';

/** What people change about themselves without a confirmation: their profile and their username. */
export interface OwnProfilePatch extends ProfilePatch {
  username?: string | null;
}

/** The stored fields of a username patch: null frees the name. */
export function usernameFields(username: string | null | undefined): Partial<User> {
  if (username === undefined) return {};
  if (username === null || username === '') return { username: null, usernameNormalized: null };
  const { shown, normalized } = parseUsername(username);
  return { username: shown, usernameNormalized: normalized };
}

/**
 * Changes profile fields; null removes a value, an absent key keeps it.
 * @throws AppError BAD_USER_INPUT with the path, CONFLICT path ['username'], NOT_FOUND
 */
export async function updateProfile(
  deps: Pick<Deps, 'models' | 'audit'>,
  userId: string,
  patch: OwnProfilePatch,
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<User> {
  const fields = { ...usernameFields(patch.username), ...validProfile(patch) };
  const change = await changeUser(deps, userId, fields);
  await recordChange(deps, 'user.updateProfile', change, Object.keys(fields), actor, origin);
  return change.after;
}
