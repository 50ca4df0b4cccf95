import { AppError } from '../../errors.js';

/** A stored hash, taken apart. Everything in it is within bounds: it may be computed without fear. */
export type PasswordHash =
  | ({ scheme: 'argon2'; variant: 'argon2d' | 'argon2i' | 'argon2id'; version: number } & Argon2Costs & {
        phc: string;
      })
  | { scheme: 'bcrypt'; phc: string }
  | { scheme: 'scrypt'; cost: number; blockSize: number; parallelism: number; salt: Buffer; digest: Buffer }
  | {
      scheme: 'pbkdf2';
      hash: 'sha1' | 'sha256' | 'sha512';
      iterations: number;
      salt: Buffer;
      digest: Buffer;
    };

interface Argon2Costs {
  memoryKiB: number;
  timeCost: number;
  parallelism: number;
}

// What one imported hash may cost: at most about a second of one core and 256 MiB, whatever its author wrote.
const MAX_MEMORY_KIB = 262_144;
const MAX_ARGON2_PASSES = 16;
const MAX_ARGON2_WORK_KIB = 1_048_576;
const MAX_LANES = 16;
const MAX_BCRYPT_COST = 14;
const MAX_PBKDF2_ITERATIONS = 2_000_000;
const SALT_BYTES = { min: 4, max: 128 };
const DIGEST_BYTES = { min: 16, max: 128 };

const BASE64 = '([A-Za-z0-9+/.]{1,256})={0,2}';
const ARGON2 = new RegExp(
  `^\\$(argon2d|argon2i|argon2id)\\$(?:v=(\\d{1,3})\\$)?([mtp]=\\d{1,9}(?:,[mtp]=\\d{1,9}){2})\\$${BASE64}\\$${BASE64}$`,
);
const BCRYPT = /^\$2[aby]?\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const SCRYPT = new RegExp(`^\\$scrypt\\$ln=(\\d{1,2}),r=(\\d{1,4}),p=(\\d{1,4})\\$${BASE64}\\$${BASE64}$`);
const PBKDF2 = new RegExp(
  `^\\$pbkdf2(?:-(sha1|sha256|sha512))?\\$(?:i=)?(\\d{1,9})(?:,l=(\\d{1,3}))?\\$${BASE64}\\$${BASE64}$`,
);

/** passlib writes `.` for `+`; both are read. */
const bytes = (text: string | undefined) => Buffer.from((text ?? '').replaceAll('.', '+'), 'base64');

const within = (value: number, min: number, max: number) => value >= min && value <= max;

const sized = (salt: Buffer, digest: Buffer) =>
  within(salt.length, SALT_BYTES.min, SALT_BYTES.max) &&
  within(digest.length, DIGEST_BYTES.min, DIGEST_BYTES.max);

function parseArgon2(phc: string): PasswordHash | null {
  const match = ARGON2.exec(phc);
  if (!match) return null;
  const variant = match[1] as 'argon2d' | 'argon2i' | 'argon2id';
  // Without `v=` it is a hash of the first published version (0x10).
  const version = Number(match[2] ?? 16);
  // The order is m, t, p in the specification, but some libraries sort by name.
  const costs = new Map((match[3] ?? '').split(',').map((cost) => [cost.charAt(0), Number(cost.slice(2))]));
  const [memoryKiB = 0, timeCost = 0, parallelism = 0] = [costs.get('m'), costs.get('t'), costs.get('p')];
  const bounded =
    (version === 16 || version === 19) &&
    within(parallelism, 1, MAX_LANES) &&
    within(memoryKiB, 8 * parallelism, MAX_MEMORY_KIB) &&
    within(timeCost, 1, MAX_ARGON2_PASSES) &&
    memoryKiB * timeCost <= MAX_ARGON2_WORK_KIB &&
    sized(bytes(match[4]), bytes(match[5])) &&
    // RFC 9106 §3.1: a salt of 8 bytes or more, which the library insists on.
    bytes(match[4]).length >= 8;
  return bounded ? { scheme: 'argon2', variant, version, memoryKiB, timeCost, parallelism, phc } : null;
}

function parseBcrypt(phc: string): PasswordHash | null {
  const match = BCRYPT.exec(phc);
  if (!match || !within(Number(match[1]), 4, MAX_BCRYPT_COST)) return null;
  // `$2y$` (PHP) and `$2$` differ from `$2b$` in name only for input below 256 bytes without NUL.
  return { scheme: 'bcrypt', phc: phc.replace(/^\$2y?\$/, '$2b$') };
}

function parseScrypt(phc: string): PasswordHash | null {
  const match = SCRYPT.exec(phc);
  if (!match) return null;
  const [exponent, blockSize, parallelism] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const cost = 2 ** exponent;
  const [salt, digest] = [bytes(match[4]), bytes(match[5])];
  const bounded =
    within(exponent, 1, 20) &&
    within(blockSize, 1, 32) &&
    within(parallelism, 1, MAX_LANES) &&
    // Lanes run one after the other, so memory and time are bounded by one product.
    (cost * blockSize * parallelism * 128) / 1024 <= MAX_MEMORY_KIB &&
    sized(salt, digest);
  return bounded ? { scheme: 'scrypt', cost, blockSize, parallelism, salt, digest } : null;
}

function parsePbkdf2(phc: string): PasswordHash | null {
  const match = PBKDF2.exec(phc);
  if (!match) return null;
  const hash = (match[1] ?? 'sha1') as 'sha1' | 'sha256' | 'sha512';
  const iterations = Number(match[2]);
  const [salt, digest] = [bytes(match[4]), bytes(match[5])];
  if (match[3] !== undefined && Number(match[3]) !== digest.length) return null;
  if (!within(iterations, 1, MAX_PBKDF2_ITERATIONS) || !sized(salt, digest)) return null;
  return { scheme: 'pbkdf2', hash, iterations, salt, digest };
}

/**
 * Reads argon2, bcrypt (`$2a$`, `$2b$`, `$2y$`), scrypt and PBKDF2 hashes in their PHC or modular-crypt form.
 * Null for anything else and for costs beyond the bounds above: a hostile hash must not eat the machine.
 */
export function parsePasswordHash(phc: string): PasswordHash | null {
  if (phc.length > 1024) return null;
  return parseArgon2(phc) ?? parseBcrypt(phc) ?? parseScrypt(phc) ?? parsePbkdf2(phc);
}

/** @throws AppError BAD_USER_INPUT when the hash is of no scheme that can be verified, or costs too much */
export function assertVerifiableHash(phc: string): void {
  if (typeof phc === 'string' && parsePasswordHash(phc) !== null) return;
  throw new AppError('BAD_USER_INPUT', 'password hash of an unknown scheme or beyond the bounds', {
    path: ['passwordHash'],
    publicMessage:
      'The password hash must be a PHC string of argon2, bcrypt, scrypt or PBKDF2 with reasonable costs.',
  });
}
