import type { Factor, FactorKind } from '../../models/factor.js';
import type { User } from '../../models/user.js';
import { countRecoveryCodes } from '../factors/recoveryCodes.js';
import { BY_MAIL, type Method } from './levels.js';
import type { FactorOption, SignInDeps } from './outcome.js';

/** In place of the id of a factor: any of the codes on paper. */
export const RECOVERY_CODE_ID = 'recoveryCode';

/** The factors that prove more than was proved: after a letter another letter to the same mailbox does not. */
export function usableAfter(amr: readonly string[], factors: readonly Factor[]): readonly Factor[] {
  return amr.includes(BY_MAIL) ? factors.filter(({ kind }) => kind !== 'email') : factors;
}

/** What a person is offered: their factors, and recovery codes while there are any. */
export async function optionsOf(
  deps: SignInDeps,
  user: User,
  factors: readonly Factor[],
): Promise<FactorOption[]> {
  const options: FactorOption[] = factors.map(({ _id, kind, name }) => ({
    id: _id,
    kind,
    name,
    hint: hintOf(user, kind),
  }));
  if ((await countRecoveryCodes(deps, user._id)) > 0) {
    options.push({ id: RECOVERY_CODE_ID, kind: 'recoveryCode', name: 'Recovery code', hint: null });
  }
  return options;
}

/** Where codes of a kind go, as much of it as its owner recognises. */
export function hintOf({ email, phone }: User, kind: FactorKind): string | null {
  if (kind === 'email' && email) return email.replace(/^(.)[^@]*/, '$1•••');
  if (kind === 'sms' && phone) return `•••• ${phone.slice(-4)}`;
  return null;
}

/** What a right answer proves; a key that verified its user proves `user` too. */
export function methodsOf(kind: FactorKind): readonly Method[] {
  if (kind === 'webauthn') return ['hwk'];
  return kind === 'sms' ? ['sms'] : ['otp'];
}
