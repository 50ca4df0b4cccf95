import type { User } from '../../models/user.js';
import { replaceTemporaryPassword } from '../accounts/passwords.js';
import { trustDevice } from '../factors/trustedDevices.js';
import { acrOf } from './levels.js';
import type { ProvedSignIn, SignInContext, SignInDeps } from './outcome.js';
import type { SignInState } from './transactions.js';

/**
 * Ends a sign-in of which everything demanded was proved, and which `enter` then lets in. A password that was chosen on
 * the way takes effect here and not before: who knows the temporary one alone changes nothing.
 * @throws AppError INVALID_GRANT when the account changed since the sign-in began
 */
export async function concludeSignIn(
  deps: SignInDeps,
  user: User,
  state: SignInState,
  context: SignInContext,
  { recoveryCodes = null, trustThisDevice = false }: Partial<Extras> = {},
): Promise<ProvedSignIn> {
  const { amr, sessionId = null, tokenScopes = null, newPasswordHash, passwordChangedAt = null } = state;
  const owner = newPasswordHash
    ? await replaceTemporaryPassword(
        deps,
        { user, passwordChangedAt, passwordHash: newPasswordHash },
        context.origin,
      )
    : user;
  return {
    kind: 'proved',
    user: owner,
    amr,
    acr: acrOf(amr),
    sessionId,
    trustedDevice: trustThisDevice ? await trustDevice(deps, owner._id, context.origin) : null,
    recoveryCodes,
    tokenScopes,
  };
}

interface Extras {
  /** Of a first factor that was set up on the way. */
  readonly recoveryCodes: readonly string[] | null;
  readonly trustThisDevice: boolean;
}
