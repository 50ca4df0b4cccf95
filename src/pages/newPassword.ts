import type { Config } from '../config/schema.js';
import { isAppError } from '../errors.js';
import { type Fault, passwordField } from './fields.js';
import { html, type Safe } from './html.js';
import { passwordRules } from './passwordRules.js';

const FIELD = { name: 'newPassword', label: 'New password', autocomplete: 'new-password' } as const;
const REPEATED = { ...FIELD, name: 'repeated', label: 'New password, once more' };

/** A new password with the rules for it, typed twice: nobody could read what they mistyped. */
export function newPasswordFields(config: Config, faults: readonly Fault[]): Safe {
  return html`${passwordField({ ...FIELD, hints: passwordRules(config) }, faults)}
${passwordField(REPEATED, faults)}`;
}

/** Null when both are the same. */
export function repetitionFault(typed: {
  readonly newPassword: string;
  readonly repeated: string;
}): Fault | null {
  if (typed.newPassword === typed.repeated) return null;
  return { field: REPEATED.name, text: 'The two passwords are not the same.' };
}

/** What is wrong with the password that was typed; null for every other refusal. */
export function newPasswordFault(error: unknown): Fault | null {
  if (!isAppError(error) || error.path?.at(-1) !== FIELD.name || !error.publicMessage) return null;
  return { field: FIELD.name, text: error.publicMessage };
}
