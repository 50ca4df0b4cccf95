import { AppError } from '../../errors.js';
import type { Confirmation } from '../../models/confirmation.js';
import type { User } from '../../models/user.js';
import { forgetKnownDevices } from '../defence/knownDevices.js';
import type { Deps } from '../deps.js';
import { forgetTrustedDevices } from '../factors/trustedDevices.js';
import { mails } from '../messages/mails.js';
import { preparePassword } from '../passwords/opaqueString.js';
import { assertAcceptablePassword } from '../passwords/policy.js';
import type { RequestOrigin } from '../ports.js';
import { takeFactorsAndSessions } from '../recovery/takeBack.js';
import { assertNoProgram } from '../risk/captcha/demandCaptcha.js';
import { revokeOtherSessions } from '../sessions/sessions.js';
import { endTransactions } from '../signIn/transactions.js';
import { clearFailures } from './attempts.js';
import { isOwnerAt, type LetterDeps, notifyOwner, ownerOf, sendResetLink, siteOf } from './letters.js';
import { findUserByIdentifier, parseIdentifier } from './lookup.js';
import { assertMayAskFor } from './messageLimit.js';
import { guessable } from './newUser.js';
import { voidProofs } from './oneTimeProof.js';
import { assertPassword } from './ownPassword.js';
import { openReset, type ResetProof } from './resetProof.js';
import { requireUser } from './userChange.js';

type ResetDeps = LetterDeps & Pick<Deps, 'audit' | 'passwords' | 'denylist'>;

/**
 * Sends a password link to the owner of an account, if there is one. The account is looked for after the reply: its
 * existence shows neither in the answer nor in its time.
 * @throws AppError RATE_LIMITED per identifier, known or not; CAPTCHA_REQUIRED
 */
export async function requestPasswordReset(
  deps: LetterDeps & Pick<Deps, 'audit'>,
  { identifier, captcha }: { identifier: string; captcha?: string | null | undefined },
  origin: RequestOrigin,
): Promise<void> {
  await assertNoProgram(deps, captcha, origin);
  const recognised = parseIdentifier(deps.config, identifier);
  await assertMayAskFor(deps, 'resetPassword', recognised?.value ?? identifier);
  deps.messages.enqueue('resetPassword', async () => {
    const user = recognised && (await findUserByIdentifier(deps, identifier));
    // A phone was typed where mail may not be read: the link goes the way that its owner chose.
    const to = user && ownerOf(user, recognised.field === 'phone' ? 'phone' : 'email');
    if (user && to) await sendResetLink(deps, 'resetPassword', user._id, to);
    await deps.audit.record({
      action: 'user.requestPasswordReset',
      outcome: to ? 'success' : 'denied',
      actor: { kind: 'anonymous' },
      origin,
      ...(user ? { objectType: 'User', objectId: user._id } : {}),
      ...(to ? {} : { reason: user ? 'the account has no contact' : 'unknown identifier' }),
    });
  });
}

/**
 * Sets a password by a mailed (or texted) link or code, which works once. Signs out everywhere, voids every other open
 * link, confirms the contact that the letter was sent to, and lifts the lock of failed sign-ins, but not an
 * administrator's. A letter to what is no longer the owner's contact is dead. A password that is refused leaves it usable.
 * @throws AppError CODE_INVALID, PASSWORD_TOO_WEAK, BAD_USER_INPUT, UNAVAILABLE
 */
export async function resetPassword(
  deps: ResetDeps,
  { newPassword, ...given }: ResetProof & { newPassword: string },
  origin: RequestOrigin,
): Promise<void> {
  const open = await openReset(deps, given);
  if (!open) return refuseLink(deps, origin);
  const owner = await requireUser(deps, open.proof.userId).catch(() => null);
  if (!owner || !isOwnerAt(owner, open.proof.target)) return refuseLink(deps, origin);
  assertAcceptablePassword(deps.config, newPassword, guessable(owner), ['newPassword']);
  const passwordHash = await deps.passwords.hash(newPassword);

  const used = await open.use();
  if (!used) return refuseLink(deps, origin);
  const proven = { ...confirmedBy(used, owner), recoveredAt: deps.clock() };
  const user = await setPassword(deps, sameContacts(owner), passwordHash, proven);
  if (!user) return refuseLink(deps, origin);
  await voidProofs(deps, user._id);
  await clearFailures(deps, user._id);
  await forgetKnownDevices(deps, user._id);
  // Whoever has the owner's device often has the owner's mail: the factor is what is left to stop them.
  await forgetTrustedDevices(deps, user._id);
  const actor = { kind: 'user', id: user._id } as const;
  const reason = 'password was reset';
  // Whoever signed up with somebody else's address, where that alone lets in, leaves no key in the owner's account.
  const isFirstProof = !owner.emailVerified && !owner.phoneVerified;
  if (isFirstProof) await takeFactorsAndSessions(deps, user, reason, { actor, origin });
  else await revokeOtherSessions(deps, user._id, null, reason, actor, origin);
  await finish(deps, 'user.resetPassword', user, origin, null);
}

/**
 * Changes the password of a signed-in user who knows the present one. Ends every session but `keepSessionId`, and
 * voids open links. A wrong present password counts as a failed sign-in.
 * @throws AppError INVALID_CREDENTIALS, ACCOUNT_LOCKED, PASSWORD_TOO_WEAK, BAD_USER_INPUT, CONFLICT, NOT_FOUND, UNAVAILABLE
 */
export async function changePassword(
  deps: ResetDeps & Pick<Deps, 'metrics'>,
  input: { userId: string; currentPassword: string; newPassword: string; keepSessionId: string | null },
  origin: RequestOrigin,
): Promise<void> {
  const { userId, currentPassword, keepSessionId } = input;
  const present = await assertPassword(deps, userId, currentPassword, 'user.changePassword', origin);
  const passwordHash = await hashReplacement(deps, present, input);

  // On the hash that was judged: of two changes at once one wins, and a reset in between is not undone.
  const user = await setPassword(
    deps,
    { _id: userId, passwordHash: present.passwordHash ?? null },
    passwordHash,
    {},
  );
  if (!user) throw new AppError('CONFLICT', `the password of ${userId} was changed meanwhile`);
  await endWhatHungOnIt(deps, user, keepSessionId, origin);
}

/**
 * Judges what is to replace a present password that is known to be right, and changes nothing. Returns its hash.
 * @throws AppError PASSWORD_TOO_WEAK, BAD_USER_INPUT, UNAVAILABLE
 */
export async function hashReplacement(
  deps: Pick<Deps, 'config' | 'passwords'>,
  owner: User,
  { currentPassword, newPassword }: { readonly currentPassword: string; readonly newPassword: string },
): Promise<string> {
  const path = ['newPassword'];
  if (preparePassword(newPassword, path) === preparePassword(currentPassword)) {
    throw new AppError('BAD_USER_INPUT', 'the new password is the present one', {
      path,
      publicMessage: 'The new password must differ from the present one.',
    });
  }
  assertAcceptablePassword(deps.config, newPassword, guessable(owner), path);
  return deps.passwords.hash(newPassword);
}

/**
 * Puts what was chosen during a sign-in in place of the temporary password with which it began. Of any number of
 * sign-ins that began with one temporary password exactly one does; every session and every other sign-in ends.
 * @returns the account as it is from then on
 * @throws AppError INVALID_GRANT when the account or its password changed since the sign-in began
 */
export async function replaceTemporaryPassword(
  deps: ResetDeps,
  begun: { readonly user: User; readonly passwordChangedAt: Date | null; readonly passwordHash: string },
  origin: RequestOrigin,
): Promise<User> {
  const { _id, status } = begun.user;
  const temporary = { _id, status, mustChangePassword: true, passwordChangedAt: begun.passwordChangedAt };
  const user = await setPassword(deps, temporary, begun.passwordHash, {});
  if (!user) {
    throw new AppError('INVALID_GRANT', `the account ${_id} changed while it was signing in`, {
      publicMessage: 'Your account was changed meanwhile. Start again.',
    });
  }
  await endWhatHungOnIt(deps, user, null, origin);
  return user;
}

async function endWhatHungOnIt(
  deps: ResetDeps,
  user: User,
  keepSessionId: string | null,
  origin: RequestOrigin,
): Promise<void> {
  await voidProofs(deps, user._id);
  await endTransactions(deps, user._id);
  const actor = { kind: 'user', id: user._id, sessionId: keepSessionId } as const;
  await revokeOtherSessions(deps, user._id, keepSessionId, 'password was changed', actor, origin);
  await finish(deps, 'user.changePassword', user, origin, keepSessionId);
}

async function refuseLink(deps: Pick<Deps, 'audit'>, origin: RequestOrigin): Promise<never> {
  await deps.audit.record({
    action: 'user.resetPassword',
    outcome: 'denied',
    actor: { kind: 'anonymous' },
    origin,
    reason: 'the link or code is unknown, used, expired or out of attempts',
  });
  throw new AppError('CODE_INVALID', 'no open password link or code matches');
}

/** The account as it was when the link was judged: a contact that changes meanwhile makes the link a stranger's. */
function sameContacts({ _id, emailNormalized, phone, emailVerified, phoneVerified }: User): PasswordFilter {
  return {
    _id,
    emailNormalized: emailNormalized ?? null,
    phone: phone ?? null,
    emailVerified,
    phoneVerified,
  };
}

/** The link proves who reads at its target. */
function confirmedBy({ target }: Confirmation, user: User): Partial<User> {
  if (user.emailNormalized === target) return { emailVerified: true };
  return user.phone === target ? { phoneVerified: true } : {};
}

type PasswordFilter = Pick<User, '_id'> & Partial<User>;

async function setPassword(
  deps: Pick<Deps, 'models' | 'clock'>,
  filter: PasswordFilter,
  passwordHash: string,
  confirmed: Partial<User>,
): Promise<User | null> {
  const $set = { passwordHash, passwordChangedAt: deps.clock(), mustChangePassword: false, ...confirmed };
  const proven = confirmed.emailVerified === true || confirmed.phoneVerified === true;
  return deps.models.users
    .findOneAndUpdate(
      filter,
      { $set, ...(proven ? { $unset: { unconfirmedExpiresAt: 1 } } : {}) },
      { returnDocument: 'after' },
    )
    .select('-passwordHash')
    .lean<User>();
}

async function finish(
  deps: ResetDeps,
  action: string,
  user: User,
  origin: RequestOrigin,
  sessionId: string | null,
): Promise<void> {
  notifyOwner(deps, 'passwordChanged', ownerOf(user), mails.passwordChanged({ site: siteOf(deps.config) }));
  await deps.audit.record({
    action,
    outcome: 'success',
    actor: { kind: 'user', id: user._id, sessionId },
    origin,
    objectType: 'User',
    objectId: user._id,
  });
}
