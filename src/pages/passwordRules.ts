import type { Config } from '../config/schema.js';

/** The configured rules for a password, as sentences shown before one is typed. */
export function passwordRules({ passwords }: Pick<Config, 'passwords'>): string[] {
  const rules = [`At least ${passwords.minLength} characters.`];
  if (passwords.requireComposition) rules.push('An upper-case letter, a digit and a special character.');
  if (passwords.refuseBreached) rules.push('Not one that is known from data leaks.');
  if (passwords.minScore > 0) rules.push('Not easy to guess: a few uncommon words are good.');
  return rules;
}
