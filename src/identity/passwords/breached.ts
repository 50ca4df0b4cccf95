import { dictionary } from '@zxcvbn-ts/language-common';

// Some 49,000 passwords, most common first, of public breach collections; MIT, shipped with @zxcvbn-ts/language-common.
const breached = new Set(dictionary['passwords-common'].map((password) => password.toLowerCase()));

/** Whether the whole password, regardless of case, is one of the most common breached ones. Needs no network. */
export function isBreached(password: string): boolean {
  return breached.has(password.toLowerCase());
}
