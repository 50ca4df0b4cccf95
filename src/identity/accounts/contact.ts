import { domainToASCII } from 'node:url';
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { AppError } from '../../errors.js';

const MAX_EMAIL_CHARACTERS = 254;
const MAX_LOCAL_PART_BYTES = 64;
/** RFC 5321 §4.1.2 Dot-string, with the letters of RFC 6531; quoted local parts are refused. */
const LOCAL_PART = /^[^\s"(),:;<>@[\\\]\p{C}.]+(?:\.[^\s"(),:;<>@[\\\]\p{C}.]+)*$/u;
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

const USERNAME = /^[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}._-]{1,62}[\p{L}\p{M}\p{Nd}]$/u;
const SCRIPTS = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u];

/** One spelling that is shown and written to, one that is compared. */
export interface ContactForms {
  readonly shown: string;
  readonly normalized: string;
}

function refuse(field: string, publicMessage: string): AppError {
  return new AppError('BAD_USER_INPUT', `${field} refused: ${publicMessage}`, {
    path: [field],
    publicMessage,
  });
}

/** Lower case without regard to a letter's place in the word: Greek has a small sigma for the end. */
function lowerCase(text: string): string {
  return text.toLowerCase().replaceAll('ς', 'σ');
}

/**
 * An e-mail address as it is written to, and its normal form: NFC, lower case, the domain in ASCII (IDNA). No
 * provider's rules (dots, plus tags): two mailboxes must never become one account. The shown form has the ASCII
 * domain too, so that mail never goes to another host than the one that the normal form stands for.
 * @throws AppError BAD_USER_INPUT
 */
export function parseEmail(value: string): ContactForms {
  const fault = () => refuse('email', 'This is not an e-mail address.');
  if (typeof value !== 'string' || value.length > MAX_EMAIL_CHARACTERS * 2) throw fault();
  const text = value.trim().normalize('NFC');
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  const domain = domainToASCII(text.slice(at + 1)).toLowerCase();
  const shown = `${local}@${domain}`;
  if (at < 1 || shown.length > MAX_EMAIL_CHARACTERS || Buffer.byteLength(local) > MAX_LOCAL_PART_BYTES)
    throw fault();
  if (!LOCAL_PART.test(local) || !DOMAIN.test(domain)) throw fault();
  return { shown, normalized: `${lowerCase(local).normalize('NFC')}@${domain}` };
}

/** The form in which an e-mail address is unique. @throws AppError BAD_USER_INPUT */
export function normalizeEmail(value: string): string {
  return parseEmail(value).normalized;
}

/**
 * E.164. Numbers without a country code need `defaultCountry` (ISO 3166).
 * @throws AppError BAD_USER_INPUT for a number that no operator assigns, or one with an extension
 */
export function normalizePhone(value: string, defaultCountry?: string): string {
  const fault = () =>
    refuse('phone', 'This is not a phone number; write it with its country code, like +44….');
  if (typeof value !== 'string' || value.length > 64) throw fault();
  const parsed = parsePhoneNumberFromString(value.trim(), {
    ...(defaultCountry === undefined ? {} : { defaultCountry: defaultCountry as CountryCode }),
    extract: false,
  });
  if (!parsed?.isValid() || parsed.ext !== undefined) throw fault();
  return parsed.number;
}

/**
 * A username as shown (NFKC) and compared (lower case as well; RFC 8265 §3.3): 3 to 64 letters, digits, `.`, `_`,
 * `-`, of one script, that reads neither as an e-mail address nor as a phone number.
 * @throws AppError BAD_USER_INPUT
 */
export function parseUsername(value: string): ContactForms {
  const fault = () =>
    refuse(
      'username',
      'A username has 3 to 64 letters, digits, dots, dashes or underscores, and is no phone number.',
    );
  if (typeof value !== 'string' || value.length > 256) throw fault();
  const shown = value.trim().normalize('NFKC');
  const normalized = lowerCase(shown).normalize('NFKC');
  if (!USERNAME.test(shown) || !USERNAME.test(normalized)) throw fault();
  if (!/\p{L}/u.test(shown)) throw fault();
  // Latin "a" beside Cyrillic "а": a name made to be mistaken for another.
  if (SCRIPTS.filter((script) => script.test(shown)).length > 1) throw fault();
  return { shown, normalized };
}

/** The form in which a username is unique. @throws AppError BAD_USER_INPUT */
export function normalizeUsername(value: string): string {
  return parseUsername(value).normalized;
}
