/** What stands in a log line or an audit entry where a secret would have stood. */
export const MASK = '[masked]';

// A name is judged by how it ends: `newPassword`, `refresh_token`, `Set-Cookie`, `clientSecrets`.
const SECRET_ENDINGS = [
  'password',
  'passwd',
  'passphrase',
  'token',
  'secret',
  'authorization',
  'cookie',
  'apikey',
  'privatekey',
  'masterkey',
  'privatejwk',
  'credential',
  'assertion',
  'otp',
  'totp',
  'seed',
  'bearer',
  'codeverifier',
] as const;

// `statusCode` and `exitCode` are no secrets, so codes are named one by one.
const SECRET_CODES = new Set(
  ['', 'authorization', 'confirmation', 'verification', 'email', 'sms', 'phone', 'reset', 'recovery'].concat([
    'user',
    'device',
    'backup',
    'login',
    'signin',
    'onetime',
    'mfa',
  ]),
);

const SINGULAR = /s$/;
const WRAPPINGS = /(?:hash(?:es)?|value|plain(?:text)?|encrypted)$/;

const MOST_REMEMBERED = 2000;
const remembered = new Map<string, boolean>();

/** True for names under which a secret is kept, in any case and spelling: `accessToken`, `Set-Cookie`, `code`. */
export function isSecretName(name: string): boolean {
  const known = remembered.get(name);
  if (known !== undefined) return known;
  const judged = judgeName(name);
  if (remembered.size < MOST_REMEMBERED) remembered.set(name, judged);
  return judged;
}

function judgeName(name: string): boolean {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const bare = plain.replace(WRAPPINGS, '').replace(SINGULAR, '');
  if (SECRET_ENDINGS.some((ending) => bare.endsWith(ending))) return true;
  return bare.endsWith('code') && SECRET_CODES.has(bare.slice(0, -'code'.length));
}

// Codes of errors: EADDRINUSE, ERR_HTTP2_ERROR, FST_ERR_VALIDATION, INVALID_GRANT, and our one-word ones.
const ERROR_CODE =
  /^(?:E[A-Z]{3,}|[A-Z]+(?:_[A-Z0-9]+)+|UNAUTHENTICATED|FORBIDDEN|CONFLICT|UNAVAILABLE|INTERNAL)$/;

/** True for a value that is safe under any name: a number or flag (counts, `hasPassword`), or the code of an error. */
export function isHarmlessValue(name: string, value: unknown): boolean {
  if (value === null || value === undefined || typeof value === 'boolean') return true;
  if (/^code$/i.test(name)) {
    // 11000 and 404 are codes of errors; a code sent to a person has six digits or more.
    return typeof value === 'number' ? value < 100_000 : typeof value === 'string' && ERROR_CODE.test(value);
  }
  return typeof value === 'number' && !/(?:code|otp|password)$/i.test(name);
}

const TEXT_PATTERNS: readonly [RegExp, string][] = [
  // A JWT, signed or not: its header always starts with `{"`.
  [/\beyJ[\w-]{5,}\.[\w-]*\.[\w-]*(?:\.[\w-]*){0,2}/g, MASK],
  [/\b(Bearer|Basic|DPoP)(\s+)[\w.~+/=-]{8,}/gi, `$1$2${MASK}`],
  // In a URL or form: `token=...`.
  [
    /\b((?:\w*_?(?:token|secret|password|cookie|assertion)|code|code_verifier|user_code|device_code)\s*=\s*)[^&\s"'\\#;,)]+/gi,
    `$1${MASK}`,
  ],
  // PHC strings and bcrypt hashes.
  [/\$(?:argon2\w*|scrypt|pbkdf2[\w-]*|2[aby])\$[\w$=,.+/-]+/g, MASK],
  // mongodb://user:password@host, redis://:password@host, smtps://...
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@"\\]*:)[^\s/@"\\]+@/gi, `$1${MASK}@`],
];

// One cheap look first, for what each pattern needs: most lines hold none of it. A name alone is no reason, or every line
// about `/oauth/token` would be searched.
const SUSPECT =
  /eyJ|(?:bearer|basic|dpop)\s|(?:token|secret|password|cookie|assertion|code|authorization|verifier)(?:\\*["']\s*:|\s*=)|\$(?:argon2|scrypt|pbkdf2|2[aby]\$)|:\/\/[^\s:/@"\\]*:/i;

// `"password":"..."` in a JSON text, which may itself stand in a JSON text: quotes escaped any number of times.
const JSON_MEMBER =
  /(["'][\w-]{0,40}?)((?<=["'_-])code|password|token|secret|cookie|authorization|verifier)(\\*["']\s*:\s*\\*["'])([^"'\\]+)/gi;

/**
 * Masks what looks like a secret inside a text, wherever it comes from: JWTs, Authorization values, `token=...`,
 * quoted JSON members, password hashes, passwords in URLs. Keeps a JSON text valid. Belt and braces only:
 * callers must not log secrets in the first place.
 */
export function maskText(text: string): string {
  if (!SUSPECT.test(text)) return text;
  let masked = text.replace(
    JSON_MEMBER,
    (member, before: string, name: string, colon: string, value: string) =>
      isHarmlessValue(name, value) || value === MASK ? member : `${before}${name}${colon}${MASK}`,
  );
  for (const [pattern, replacement] of TEXT_PATTERNS) masked = masked.replace(pattern, replacement);
  return masked;
}
