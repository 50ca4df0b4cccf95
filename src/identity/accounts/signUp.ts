import { AppError } from '../../errors.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import { assertAcceptablePassword } from '../passwords/policy.js';
import type { RequestOrigin } from '../ports.js';
import { assertNoProgram } from '../risk/captcha/demandCaptcha.js';
import { duplicateUserField } from './duplicateKey.js';
import {
  emailOf,
  type LetterDeps,
  phoneOf,
  type Recipient,
  sendConfirmation,
  sendResetLink,
} from './letters.js';
import { identifierFilter } from './lookup.js';
import { guessable, identifierFields, insertUser, type TypedIdentifiers, usernameTaken } from './newUser.js';
import { type ProfilePatch, validProfile } from './profileFields.js';
import { releaseUnproven } from './unprovenContact.js';

export interface SignUpInput
  extends TypedIdentifiers,
    Pick<ProfilePatch, 'name' | 'givenName' | 'familyName' | 'locale'> {
  password: string;
  /** The solution of a CAPTCHA that was demanded. */
  captcha?: string | null | undefined;
}

type SignUpDeps = LetterDeps & Pick<Deps, 'passwords' | 'audit'>;

/**
 * Makes an account that waits for the confirmation of its e-mail address (or else phone). The answer, the work and
 * its time are the same when the contact is taken; then nothing changes, and the owner gets a letter with a password
 * link, so that whoever signed up first with somebody else's address has gained nothing: the link's password
 * replaces theirs, and their own confirmation link stops working.
 * A phone beside an e-mail address becomes part of the account only when it is confirmed.
 * @throws AppError FORBIDDEN (closed), BAD_USER_INPUT, PASSWORD_TOO_WEAK, CONFLICT (username), CAPTCHA_REQUIRED, UNAVAILABLE
 */
export async function signUp(deps: SignUpDeps, input: SignUpInput, origin: RequestOrigin): Promise<void> {
  const { config } = deps;
  if (!config.accounts.signUp) {
    throw new AppError('FORBIDDEN', 'sign-up is switched off', { publicMessage: 'Registration is closed.' });
  }
  await assertNoProgram(deps, input.captcha, origin);
  const { phone: typedPhone, ...identifiers } = identifierFields(config, input);
  const contact = identifiers.emailNormalized ? { ...identifiers } : { ...identifiers, phone: typedPhone };
  if (!contact.emailNormalized && !typedPhone) {
    throw new AppError('BAD_USER_INPUT', 'neither e-mail nor phone', {
      path: ['email'],
      publicMessage: 'An e-mail address or a phone number is needed.',
    });
  }
  const profile = validProfile({
    name: input.name,
    givenName: input.givenName,
    familyName: input.familyName,
    locale: input.locale,
  });
  assertAcceptablePassword(
    config,
    input.password,
    guessable({ ...identifiers, ...profile, phone: typedPhone }),
  );
  // Before the contact is looked at: else "taken" would be told only for addresses that are free.
  await assertUsernameFree(deps, contact.usernameNormalized);

  const passwordHash = await deps.passwords.hash(input.password);
  await releaseUnproven(deps, contact, origin);
  const created = await createUnlessTaken(deps, { ...contact, ...profile, passwordHash });
  // Read in both cases, for the same time: the new account, or the one that holds the contact.
  const holder = await findHolder(deps, contact);
  if (created && holder?._id === created._id) await welcome(deps, created, typedPhone, origin);
  else if (holder) await warnHolder(deps, holder, contact, origin);
}

async function assertUsernameFree(
  deps: SignUpDeps,
  usernameNormalized: string | null | undefined,
): Promise<void> {
  if (!usernameNormalized) return;
  const identifier = { field: 'usernameNormalized', value: usernameNormalized } as const;
  if (await deps.models.users.exists(identifierFilter(identifier, deps.clock()))) throw usernameTaken();
}

type NewAccount = Partial<User>;

/** The unique index decides between two sign-ups in the same millisecond. Null: the contact is taken. */
async function createUnlessTaken(deps: SignUpDeps, account: NewAccount): Promise<User | null> {
  const { config, models } = deps;
  const now = deps.clock();
  const identifiers = [
    ...(account.emailNormalized ? [{ emailNormalized: account.emailNormalized }] : []),
    ...(account.phone ? [{ phone: account.phone }] : []),
    ...(account.usernameNormalized ? [{ usernameNormalized: account.usernameNormalized }] : []),
  ];
  // The database removes accounts that were never confirmed some time after they expire; they hold no name until then.
  await models.users.deleteMany({ $or: identifiers, unconfirmedExpiresAt: { $lte: now } });
  const expiry = new Date(now.getTime() + config.accounts.unconfirmedTtlSeconds * 1000);
  try {
    return await insertUser(deps, {
      ...account,
      status: 'active',
      roleAssignments: config.accounts.defaultRoles.map((role) => ({ role })),
      passwordChangedAt: now,
      ...(config.accounts.requireConfirmedContact ? { unconfirmedExpiresAt: expiry } : {}),
    });
  } catch (error) {
    const field = duplicateUserField(error);
    if (field === null) throw error;
    if (field === 'usernameNormalized') throw usernameTaken();
    return null;
  }
}

async function findHolder(deps: SignUpDeps, contact: NewAccount): Promise<User | null> {
  const filter = contact.emailNormalized
    ? { emailNormalized: contact.emailNormalized }
    : { phone: contact.phone ?? '' };
  return deps.models.users.findOne(filter).lean<User>();
}

async function welcome(
  deps: SignUpDeps,
  user: User,
  typedPhone: string | null | undefined,
  origin: RequestOrigin,
): Promise<void> {
  const email = emailOf(user);
  const phone = phoneOf(user);
  if (email) await sendConfirmation(deps, 'confirmEmail', user._id, email);
  else if (phone) await sendConfirmation(deps, 'confirmPhone', user._id, phone);
  if (email && typedPhone) {
    const to: Recipient = { channel: 'phone', address: typedPhone, target: typedPhone };
    deps.messages.enqueue('changePhone', () => sendConfirmation(deps, 'changePhone', user._id, to));
  }
  await deps.audit.record({
    action: 'user.signUp',
    outcome: 'success',
    actor: { kind: 'anonymous' },
    origin,
    objectType: 'User',
    objectId: user._id,
  });
}

async function warnHolder(
  deps: SignUpDeps,
  holder: User,
  contact: NewAccount,
  origin: RequestOrigin,
): Promise<void> {
  const to = contact.emailNormalized ? emailOf(holder) : phoneOf(holder);
  if (to) {
    await sendResetLink(deps, 'signUpAttempt', holder._id, to, {
      supersedes: ['confirmEmail', 'confirmPhone'],
    });
  }
  await deps.audit.record({
    action: 'user.signUp',
    outcome: 'denied',
    actor: { kind: 'anonymous' },
    origin,
    objectType: 'User',
    objectId: holder._id,
    reason: 'the contact has an account',
  });
}
