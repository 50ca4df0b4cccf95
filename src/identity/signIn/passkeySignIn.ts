import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { AppError, isAppError } from '../../errors.js';
import type { Factor } from '../../models/factor.js';
import type { User } from '../../models/user.js';
import { BREAK_GLASS_ID } from '../accounts/administrators.js';
import { tellOfBreakGlass } from '../accounts/breakGlass.js';
import { noteSignIn } from '../accounts/noteSignIn.js';
import { obstacleError, obstacleOf } from '../accounts/obstacles.js';
import { verifyPasskey } from '../factors/passkeys.js';
import type { RequestOrigin } from '../ports.js';
import { assessRisk } from '../risk/assessRisk.js';
import { withMethods } from './levels.js';
import { noteRefusal } from './noteRefusal.js';
import type { SignInContext, SignInDeps, SignInOutcome, WantedLevel } from './outcome.js';
import { goOn, newState } from './signIn.js';

/**
 * Signing in by a passkey alone, without a name: the key says whose it is. It is weighed like a password. No challenge
 * follows, for a key that verified its user is more than any would ask for; what is refused looks like an unknown key.
 * @throws AppError CODE_INVALID, ACCOUNT_LOCKED, CONFIRMATION_REQUIRED
 */
export async function signInByPasskey(
  deps: SignInDeps,
  proof: { readonly passkey: AuthenticationResponseJSON; readonly wanted?: WantedLevel | undefined },
  context: SignInContext,
): Promise<SignInOutcome> {
  const { origin } = context;
  const factor = await provedKey(deps, proof.passkey, origin);
  const owner = await deps.models.users.findOne({ _id: factor.userId }).lean<User>();
  const obstacle = owner ? obstacleOf(deps, owner) : 'notActive';
  if (!owner || obstacle !== null) {
    await noteRefusal(deps, { userId: factor.userId, origin }, obstacle ?? 'notActive');
    throw obstacleError(factor.userId, obstacle ?? 'notActive');
  }
  const risk = await assessRisk(deps, { user: owner, byPasskey: true }, origin);
  if (risk.outcome === 'deny') {
    throw new AppError('CODE_INVALID', `the risk of a sign-in of user ${owner._id} is too high`);
  }
  const user = await noteSignIn(deps, owner, {});
  if (!user) throw obstacleError(owner._id, 'notActive');
  // After the account was read: whoever takes the key away changes the account next, which ends this sign-in.
  if (!(await deps.models.factors.exists({ _id: factor._id }))) {
    throw new AppError('CODE_INVALID', `key ${factor._id} was taken away while it signed in`);
  }
  if (user._id === BREAK_GLASS_ID) await tellOfBreakGlass(deps, origin);
  const state = newState(deps, user, withMethods([], ['hwk', 'user']), proof.wanted);
  return goOn(deps, user, state, context, proof.wanted);
}

async function provedKey(
  deps: SignInDeps,
  passkey: AuthenticationResponseJSON,
  origin: RequestOrigin,
): Promise<Factor> {
  try {
    return (await verifyPasskey(deps, null, passkey)).factor;
  } catch (error) {
    if (isAppError(error, 'CODE_INVALID')) await noteRefusal(deps, { userId: null, origin }, 'wrongPasskey');
    throw error;
  }
}
