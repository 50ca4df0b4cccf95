import type { Config } from '../../config/schema.js';
import { isAppError } from '../../errors.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import { normalizeEmail, normalizePhone, normalizeUsername } from './contact.js';
import type { UniqueUserField } from './duplicateKey.js';

/** What a person typed to say who they are, recognised. */
export interface Identifier {
  readonly field: UniqueUserField;
  readonly value: string;
}

const PHONE_LIKE = /^[+(]?[\d\s().-]{5,}$/;

function parsed(field: UniqueUserField, parse: () => string): Identifier | null {
  try {
    return { field, value: parse() };
  } catch (error) {
    if (isAppError(error, 'BAD_USER_INPUT')) return null;
    throw error;
  }
}

/** E-mail address, phone number or username by its looks; null where it can be none. A username is never all digits. */
export function parseIdentifier(config: Config, identifier: string): Identifier | null {
  if (typeof identifier !== 'string') return null;
  if (identifier.includes('@')) return parsed('emailNormalized', () => normalizeEmail(identifier));
  if (PHONE_LIKE.test(identifier.trim())) {
    return parsed('phone', () => normalizePhone(identifier, config.sms.defaultCountry));
  }
  return parsed('usernameNormalized', () => normalizeUsername(identifier));
}

/**
 * Matches the account of an identifier, but not one whose time to be confirmed has run out: the database removes
 * it some time later.
 */
export function identifierFilter(identifier: Identifier, now: Date) {
  return {
    [identifier.field]: identifier.value,
    $or: [{ unconfirmedExpiresAt: null }, { unconfirmedExpiresAt: { $gt: now } }],
  };
}

/** The account of an e-mail address, phone number or username, in any spelling; null when there is none. */
export async function findUserByIdentifier(
  deps: Pick<Deps, 'models' | 'config' | 'clock'>,
  identifier: string,
): Promise<User | null> {
  const recognised = parseIdentifier(deps.config, identifier);
  if (recognised === null) return null;
  return deps.models.users.findOne(identifierFilter(recognised, deps.clock())).lean<User>();
}
