import { createHmac, randomInt } from 'node:crypto';
import type { Deps } from '../deps.js';

/** RFC 8628 §6.1: no vowels, so that no words come out, and no digits, which letters could be taken for. */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ';
const LENGTH = 8;
const CODE_FORM = new RegExp(`^[${ALPHABET}]{${LENGTH}}$`);
/** Longer than any code with whatever somebody puts between its letters. */
const LONGEST_TYPED = 64;

/** A new code, as `readUserCode` gives it: 20^8 of them, 34 bits. */
export function makeUserCode(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

/** What somebody typed, without regard to case and separators; null when it cannot be a code. */
export function readUserCode(typed: string): string | null {
  if (typed.length > LONGEST_TYPED) return null;
  const letters = typed.toUpperCase().replace(/[^A-Z0-9]/g, '');
  return CODE_FORM.test(letters) ? letters : null;
}

/** As people read it: `WDJB-MJHT`. */
export function showUserCode(code: string): string {
  return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;
}

/** What is stored of it. */
export function digestUserCode({ secrets }: Pick<Deps, 'secrets'>, code: string): string {
  return createHmac('sha256', secrets.derive('device.userCode')).update(code).digest('base64url');
}
