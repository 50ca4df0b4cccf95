import { createHmac, randomInt } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Deps } from '../deps.js';

const CODES = 10;
/** Crockford's base 32 without letters that read like digits: 50 bits in ten characters. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 10;
const TYPED = /^[0-9a-hjkmnp-tv-z]{10}$/;

type CodeDeps = Pick<Deps, 'clock' | 'models' | 'secrets'>;

/** Makes a new set of ten; those before are worth nothing from then on. Shown once: what is stored are digests. */
export async function regenerateRecoveryCodes(deps: CodeDeps, userId: string): Promise<string[]> {
  const setId = uuidv7();
  const codes = new Set<string>();
  while (codes.size < CODES) codes.add(makeCode());
  await deps.models.recoveryCodes.insertMany(
    [...codes].map((code) => ({ _id: digest(deps, userId, code), userId, setId })),
  );
  // After the insert: of two sets made at once the newer stays, and never none.
  await deps.models.recoveryCodes.deleteMany({ userId, setId: { $lt: setId } });
  return [...codes].map((code) => `${code.slice(0, 5)}-${code.slice(5)}`);
}

/** Uses up a code: of any number of callers with one code exactly one hears yes. */
export async function takeRecoveryCode(deps: CodeDeps, userId: string, typed: string): Promise<boolean> {
  const code = normalise(typed);
  if (!TYPED.test(code)) return false;
  const { modifiedCount } = await deps.models.recoveryCodes.updateOne(
    { _id: digest(deps, userId, code), userId, usedAt: null },
    { $set: { usedAt: deps.clock() } },
  );
  return modifiedCount === 1;
}

/** How many codes are left. */
export function countRecoveryCodes(deps: Pick<Deps, 'models'>, userId: string): Promise<number> {
  return deps.models.recoveryCodes.countDocuments({ userId, usedAt: null });
}

function makeCode(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

/** As Crockford reads what people write: case, spaces and hyphens do not matter, `o` is 0, `i` and `l` are 1. */
function normalise(typed: string): string {
  if (typeof typed !== 'string' || typed.length > 40) return '';
  return typed.toLowerCase().replace(/[\s-]/g, '').replace(/o/g, '0').replace(/[il]/g, '1');
}

function digest({ secrets }: Pick<Deps, 'secrets'>, userId: string, code: string): string {
  return createHmac('sha256', secrets.derive('recovery code'))
    .update(`${userId}:${code}`)
    .digest('base64url');
}
