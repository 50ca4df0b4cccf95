import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../../errors.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import { normalizePhone, parseEmail, parseUsername } from './contact.js';

/** How an account may be called and reached, as people typed it. */
export interface TypedIdentifiers {
  email?: string | null | undefined;
  phone?: string | null | undefined;
  username?: string | null | undefined;
}

/** The stored fields of identifiers. Only those that were given are present. */
export type IdentifierFields = Pick<
  User,
  'email' | 'emailNormalized' | 'phone' | 'username' | 'usernameNormalized'
>;

/** @throws AppError BAD_USER_INPUT with the path of the first that is malformed */
export function identifierFields(config: Deps['config'], typed: TypedIdentifiers): IdentifierFields {
  const fields: IdentifierFields = {};
  if (typed.email) {
    const email = parseEmail(typed.email);
    fields.email = email.shown;
    fields.emailNormalized = email.normalized;
  }
  if (typed.phone) fields.phone = normalizePhone(typed.phone, config.sms.defaultCountry);
  if (typed.username) {
    const username = parseUsername(typed.username);
    fields.username = username.shown;
    fields.usernameNormalized = username.normalized;
  }
  return fields;
}

/** Stores a new account and returns it as everybody else reads it: without the password hash. */
export async function insertUser(deps: Pick<Deps, 'models'>, fields: Partial<User>): Promise<User> {
  const created = await deps.models.users.create({ _id: uuidv7(), ...fields });
  const { passwordHash: _secret, ...user } = created.toObject();
  return user;
}

/** What a guesser of the password may know of its owner. */
export function guessable(user: Partial<User>): string[] {
  const known = [
    user.email,
    user.phone,
    user.username,
    user.name,
    user.givenName,
    user.familyName,
    user.nickname,
  ];
  return known.filter((value) => typeof value === 'string');
}

/** A username is public, unlike an address: that it is taken may be said. */
export function usernameTaken(): AppError {
  return new AppError('CONFLICT', 'the username is taken', {
    path: ['username'],
    publicMessage: 'This username is taken.',
  });
}
