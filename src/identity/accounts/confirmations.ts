import { AppError } from '../../errors.js';
import type { Confirmation } from '../../models/confirmation.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import { moveFactor } from '../factors/messageCodes.js';
import { mails } from '../messages/mails.js';
import type { RequestOrigin } from '../ports.js';
import { endTransactions } from '../signIn/transactions.js';
import { normalizeEmail, normalizePhone } from './contact.js';
import { duplicateUserField } from './duplicateKey.js';
import {
  emailOf,
  type LetterDeps,
  notifyOwner,
  ownerOf,
  phoneOf,
  sendConfirmation,
  siteOf,
} from './letters.js';
import { assertMayAskFor } from './messageLimit.js';
import { useProofByCode, useProofByToken } from './oneTimeProof.js';

type ConfirmationDeps = LetterDeps & Pick<Deps, 'audit'>;

const EMAIL_KINDS = ['confirmEmail', 'changeEmail'] as const;
const PHONE_KINDS = ['confirmPhone', 'changePhone'] as const;

function invalidCode(detail: string): AppError {
  return new AppError('CODE_INVALID', detail);
}

/**
 * Confirms an e-mail address by the link or the code that was mailed to it, and where it is a change, makes it the
 * account's address. Works once; a code bears five wrong guesses.
 * @throws AppError CODE_INVALID, whatever the reason; CONFLICT when another account confirmed the address first
 */
export async function confirmEmail(
  deps: ConfirmationDeps,
  proof: { token: string } | { email: string; code: string },
  origin: RequestOrigin,
): Promise<User> {
  const confirmation =
    'token' in proof
      ? await useProofByToken(deps, EMAIL_KINDS, proof.token)
      : await useProofByCode(deps, EMAIL_KINDS, normalizeEmail(proof.email), proof.code);
  if (!confirmation) return refuse(deps, 'user.confirmEmail', origin);
  return apply(deps, confirmation, origin);
}

/**
 * Confirms a phone number by the code that was texted to it, and where it is a change, makes it the account's.
 * @throws AppError CODE_INVALID, CONFLICT, BAD_USER_INPUT
 */
export async function confirmPhone(
  deps: ConfirmationDeps,
  proof: { phone: string; code: string },
  origin: RequestOrigin,
): Promise<User> {
  const phone = normalizePhone(proof.phone, deps.config.sms.defaultCountry);
  const confirmation = await useProofByCode(deps, PHONE_KINDS, phone, proof.code);
  if (!confirmation) return refuse(deps, 'user.confirmPhone', origin);
  return apply(deps, confirmation, origin);
}

async function refuse(deps: ConfirmationDeps, action: string, origin: RequestOrigin): Promise<never> {
  await deps.audit.record({
    action,
    outcome: 'denied',
    actor: { kind: 'anonymous' },
    origin,
    reason: 'the link or code is unknown, used, expired or out of attempts',
  });
  throw invalidCode('no open confirmation matches');
}

/** What a proof changes on the account, and which account it must find. */
function changeOf({ kind, userId, target }: Confirmation): { filter: { _id: string }; set: Partial<User> } {
  const changes: Record<Confirmation['kind'], { filter: object; set: Partial<User> } | null> = {
    confirmEmail: { filter: { emailNormalized: target }, set: { emailVerified: true } },
    confirmPhone: { filter: { phone: target }, set: { phoneVerified: true } },
    changeEmail: { filter: {}, set: { email: target, emailNormalized: target, emailVerified: true } },
    changePhone: { filter: {}, set: { phone: target, phoneVerified: true } },
    resetPassword: null,
    factor: null,
    signIn: null,
    unlock: null,
  };
  const change = changes[kind];
  if (!change) throw new AppError('INTERNAL', `a proof of kind ${kind} confirms no contact`);
  return { filter: { _id: userId, ...change.filter }, set: change.set };
}

/** The proof is used up already: a crash from here on costs its owner a new letter, never a second use. */
async function apply(
  deps: ConfirmationDeps,
  confirmation: Confirmation,
  origin: RequestOrigin,
): Promise<User> {
  const { filter, set } = changeOf(confirmation);
  const before = await deps.models.users.findOne(filter).lean<User>();
  if (!before) throw invalidCode(`user ${confirmation.userId} is gone or has another contact by now`);
  const user = await updateOrConflict(deps, confirmation, filter, set);
  // One that a letter to the old address began must not go on.
  if (confirmation.kind === 'changeEmail') await endTransactions(deps, user._id);
  await moveCodes(deps, confirmation, before);
  await deps.audit.record({
    action: `user.${confirmation.kind}`,
    outcome: 'success',
    actor: { kind: 'user', id: user._id },
    origin,
    objectType: 'User',
    objectId: user._id,
    fields: Object.keys(set),
    before: Object.fromEntries(Object.keys(set).map((field) => [field, before[field as keyof User] ?? null])),
    after: set,
  });
  announceChange(deps, confirmation, before);
  return user;
}

async function moveCodes(
  deps: Pick<ConfirmationDeps, 'models'>,
  { kind, target: to }: Confirmation,
  { _id, emailNormalized, phone }: User,
): Promise<void> {
  if (kind === 'changeEmail' && emailNormalized)
    await moveFactor(deps, _id, 'email', { from: emailNormalized, to });
  if (kind === 'changePhone' && phone) await moveFactor(deps, _id, 'sms', { from: phone, to });
}

async function updateOrConflict(
  deps: ConfirmationDeps,
  confirmation: Confirmation,
  filter: { _id: string },
  set: Partial<User>,
  mayRetry = true,
): Promise<User> {
  try {
    const user = await deps.models.users
      .findOneAndUpdate(
        filter,
        { $set: set, $unset: { unconfirmedExpiresAt: 1 } },
        { returnDocument: 'after' },
      )
      .lean<User>();
    if (!user) throw invalidCode(`user ${confirmation.userId} is gone`);
    return user;
  } catch (error) {
    if (duplicateUserField(error) === null) throw error;
    if (mayRetry && (await removeSquatter(deps, confirmation))) {
      return updateOrConflict(deps, confirmation, filter, set, false);
    }
    // Told to the one person who proved that the address is theirs.
    throw new AppError('CONFLICT', 'the contact was taken before it was confirmed', {
      path: [confirmation.kind === 'changePhone' ? 'phone' : 'email'],
      publicMessage: 'Another account uses this by now.',
      cause: error,
    });
  }
}

/** An account that nobody ever confirmed must not keep a contact from the person who just proved to own it. */
async function removeSquatter(deps: ConfirmationDeps, { kind, target }: Confirmation): Promise<boolean> {
  const contact = kind === 'changePhone' ? { phone: target } : { emailNormalized: target };
  const neverConfirmed = { emailVerified: false, phoneVerified: false, unconfirmedExpiresAt: { $ne: null } };
  const { deletedCount } = await deps.models.users.deleteOne({ ...contact, ...neverConfirmed });
  return deletedCount === 1;
}

/** To the old contact, which is where a thief's victim still reads. */
function announceChange(deps: ConfirmationDeps, { kind }: Confirmation, before: User): void {
  const site = siteOf(deps.config);
  if (kind === 'changeEmail') {
    const to = before.emailVerified ? emailOf(before) : ownerOf(before);
    notifyOwner(deps, 'contactChanged', to, mails.contactChanged({ site, what: 'e-mail address' }));
  }
  if (kind === 'changePhone' && before.phone) {
    notifyOwner(
      deps,
      'contactChanged',
      phoneOf(before),
      mails.contactChanged({ site, what: 'phone number' }),
    );
  }
}

/**
 * Sends the confirmation again, if one is awaited. The answer never tells; the work is done after the reply.
 * @throws AppError RATE_LIMITED per target; BAD_USER_INPUT
 */
export async function resendConfirmation(
  deps: ConfirmationDeps,
  input: { email?: string | null; phone?: string | null },
  origin: RequestOrigin,
): Promise<void> {
  const channel = input.email ? 'email' : 'phone';
  const target = input.email
    ? normalizeEmail(input.email)
    : normalizePhone(input.phone ?? '', deps.config.sms.defaultCountry);
  await assertMayAskFor(deps, 'confirmation', target);
  deps.messages.enqueue('resendConfirmation', () => resend(deps, channel, target, origin));
}

async function resend(
  deps: ConfirmationDeps,
  channel: 'email' | 'phone',
  target: string,
  origin: RequestOrigin,
): Promise<void> {
  const unconfirmed =
    channel === 'email'
      ? { emailNormalized: target, emailVerified: false }
      : { phone: target, phoneVerified: false };
  const user = await deps.models.users.findOne(unconfirmed).lean<User>();
  const to = user && (channel === 'email' ? emailOf(user) : phoneOf(user));
  if (user && to) {
    await sendConfirmation(deps, channel === 'email' ? 'confirmEmail' : 'confirmPhone', user._id, to);
  } else {
    await resendChange(deps, channel, target);
  }
  await deps.audit.record({
    action: 'user.resendConfirmation',
    outcome: 'success',
    actor: { kind: 'anonymous' },
    origin,
    ...(user ? { objectType: 'User', objectId: user._id } : {}),
  });
}

/** A change of contact that still waits for its confirmation. */
async function resendChange(
  deps: ConfirmationDeps,
  channel: 'email' | 'phone',
  target: string,
): Promise<void> {
  const kind = channel === 'email' ? 'changeEmail' : 'changePhone';
  const pending = await deps.models.confirmations
    .findOne({ kind, target, usedAt: null })
    .sort({ _id: -1 })
    .lean<Confirmation>();
  if (pending) await sendConfirmation(deps, kind, pending.userId, { channel, address: target, target });
}
