import { reaches } from '../../policies/requirement.js';

/** The methods of RFC 8176 that a session may name. */
export type Method = 'pwd' | 'otp' | 'sms' | 'hwk' | 'user' | 'mca' | 'mfa';

/**
 * What a mailed code or link proves as the first proof. `mca` (an answer over a second channel) and not `otp`: the mailbox
 * stands in for the password, which whoever reads it may replace, and a code of an app is a second factor beside it.
 */
export const BY_MAIL: Method = 'mca';

const POSSESSION: ReadonlySet<string> = new Set(['otp', 'sms', 'hwk']);

/**
 * The level that methods reach (NIST SP 800-63B): `aal1` for one factor, `aal2` for two of different kinds, `phr` for
 * two of which one cannot be phished. A key that verified its user is both in one. No two letters are two factors: see
 * `usableAfter`.
 */
export function acrOf(amr: readonly string[]): string {
  const knows = amr.includes('pwd') || amr.includes('user') || amr.includes(BY_MAIL);
  const has = amr.some((method) => POSSESSION.has(method));
  if (!knows || !has) return 'aal1';
  return amr.includes('hwk') ? 'phr' : 'aal2';
}

/** The methods together, each once, with `mfa` where they are several factors (RFC 8176 §2). */
export function withMethods(amr: readonly string[], more: readonly Method[]): string[] {
  const all = [...new Set([...amr, ...more])].filter((method) => method !== 'mfa');
  return acrOf(all) === 'aal1' ? all : [...all, 'mfa'];
}

/** The highest of several levels. */
export function highestAcr(levels: readonly string[]): string {
  return levels.reduce((highest, level) => (reaches(highest, level) ? highest : level), 'aal1');
}
