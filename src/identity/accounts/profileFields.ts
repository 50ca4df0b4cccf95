import { AppError } from '../../errors.js';
import type { PostalAddress, User } from '../../models/user.js';

/** What people tell about themselves (OpenID Connect Core §5.1). Null (or an empty text) removes a value, an absent key keeps it. */
export type ProfilePatch = Pick<
  User,
  | 'name'
  | 'givenName'
  | 'familyName'
  | 'nickname'
  | 'picture'
  | 'website'
  | 'gender'
  | 'birthdate'
  | 'zoneinfo'
  | 'locale'
  | 'address'
>;

const ADDRESS_PARTS = ['formatted', 'streetAddress', 'locality', 'region', 'postalCode', 'country'] as const;

/** Control characters but line breaks in addresses; bidi overrides, which make a name look like another. */
const UNPRINTABLE = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

function fault(path: readonly string[], publicMessage: string): AppError {
  return new AppError('BAD_USER_INPUT', `${path.join('.')} refused: ${publicMessage}`, {
    path,
    publicMessage,
  });
}

function line(field: string, value: string, maxCharacters = 200): string {
  const text = value.trim().normalize('NFC');
  if (text === '' || text.length > maxCharacters)
    throw fault([field], `This has 1 to ${maxCharacters} characters.`);
  if (UNPRINTABLE.test(text)) throw fault([field], 'This holds characters that cannot be shown.');
  return text;
}

function webAddress(field: string, value: string): string {
  const text = line(field, value, 2000);
  // Only these: a `javascript:` link in a profile would run in the page that shows it.
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw fault([field], 'This is not an http or https address.');
  }
  return text;
}

function birthdate(value: string): string {
  const text = line('birthdate', value, 10);
  // OpenID Connect Core §5.1: YYYY-MM-DD, year 0000 when it is not told, or the year alone.
  const match = /^(\d{4})(?:-(\d\d)-(\d\d))?$/.exec(text);
  if (!match) throw fault(['birthdate'], 'A birthdate is written YYYY-MM-DD.');
  if (match[2] === undefined) return text;
  const leapYear = match[1] === '0000' ? '2000' : match[1];
  const date = new Date(`${leapYear}-${match[2]}-${match[3]}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || date.getUTCDate() !== Number(match[3])) {
    throw fault(['birthdate'], 'There is no such day.');
  }
  return text;
}

function zoneinfo(value: string): string {
  const text = line('zoneinfo', value, 64);
  try {
    new Intl.DateTimeFormat('en', { timeZone: text }).format(0);
    return text;
  } catch {
    throw fault(['zoneinfo'], 'This is no time zone; they are named like Europe/Paris.');
  }
}

function locale(value: string): string {
  try {
    return Intl.getCanonicalLocales(line('locale', value, 64))[0] ?? value;
  } catch {
    throw fault(['locale'], 'This is no language tag; they are written like en-GB.');
  }
}

function address(value: PostalAddress): PostalAddress | null {
  const parts: PostalAddress = {};
  for (const part of ADDRESS_PARTS) {
    const text = value[part];
    if (text === null || text === undefined) continue;
    const trimmed = text.replaceAll('\r\n', '\n').trim().normalize('NFC');
    if (trimmed.length > 500 || UNPRINTABLE.test(trimmed.replaceAll('\n', ' '))) {
      throw fault(['address', part], 'This is too long or holds characters that cannot be shown.');
    }
    if (trimmed !== '') parts[part] = trimmed;
  }
  return Object.keys(parts).length > 0 ? parts : null;
}

const TEXT_FIELDS = ['name', 'givenName', 'familyName', 'nickname', 'gender'] as const;
const WEB_FIELDS = ['picture', 'website'] as const;

type ProfileFields = Partial<Pick<User, keyof ProfilePatch>>;

/** Validated and normalised; holds the keys that the patch holds. @throws AppError BAD_USER_INPUT with the path */
export function validProfile(patch: ProfilePatch): ProfileFields {
  const fields: ProfileFields = {};
  for (const key of TEXT_FIELDS) {
    const value = patch[key];
    if (value !== undefined) fields[key] = value && line(key, value);
  }
  for (const key of WEB_FIELDS) {
    const value = patch[key];
    if (value !== undefined) fields[key] = value && webAddress(key, value);
  }
  if (patch.birthdate !== undefined) fields.birthdate = patch.birthdate && birthdate(patch.birthdate);
  if (patch.zoneinfo !== undefined) fields.zoneinfo = patch.zoneinfo && zoneinfo(patch.zoneinfo);
  if (patch.locale !== undefined) fields.locale = patch.locale && locale(patch.locale);
  if (patch.address !== undefined) fields.address = patch.address && address(patch.address);
  return fields;
}
