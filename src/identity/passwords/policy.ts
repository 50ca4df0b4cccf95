import type { Config } from '../../config/schema.js';
import { AppError } from '../../errors.js';
import { isBreached } from './breached.js';
import { preparePassword } from './opaqueString.js';
import { passwordScore } from './strength.js';

/** Everything that is wrong with a password under the configured policy, as sentences for the person who typed it. */
export function passwordFaults(config: Config, password: string, userInputs: readonly string[]): string[] {
  const rules = config.passwords;
  const faults: string[] = [];
  // NIST SP 800-63B: each Unicode code point counts as one character.
  if (Array.from(password).length < rules.minLength)
    faults.push(`It needs at least ${rules.minLength} characters.`);
  if (rules.requireComposition) {
    if (!/\p{Lu}/u.test(password)) faults.push('It needs an upper-case letter.');
    if (!/\p{Nd}/u.test(password)) faults.push('It needs a digit.');
    if (!/[^\p{L}\p{N}]/u.test(password)) faults.push('It needs a special character.');
  }
  if (rules.refuseBreached && isBreached(password))
    faults.push('It is among the most common breached passwords.');
  if (passwordScore(password, userInputs) < rules.minScore) {
    faults.push('It is too easy to guess; a few uncommon words make a better one.');
  }
  return faults;
}

/**
 * @param userInputs what a guesser may know: e-mail address, username, names
 * @throws AppError PASSWORD_TOO_WEAK whose public message names every fault; BAD_USER_INPUT for an unusable one
 */
export function assertAcceptablePassword(
  config: Config,
  password: string,
  userInputs: readonly string[],
  path: readonly string[] = ['password'],
): void {
  const faults = passwordFaults(config, preparePassword(password, path), userInputs);
  if (faults.length === 0) return;
  throw new AppError('PASSWORD_TOO_WEAK', `password refused for ${faults.length} fault(s)`, {
    path,
    publicMessage: `This password cannot be used. ${faults.join(' ')}`,
  });
}
