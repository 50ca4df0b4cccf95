import { AppError } from '../../errors.js';
import type { RoleAssignment, User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import { mails } from '../messages/mails.js';
import { assertVerifiableHash } from '../passwords/passwordHash.js';
import { assertAcceptablePassword } from '../passwords/policy.js';
import type { AuditActor, RequestOrigin } from '../ports.js';
import { revokeOtherSessions } from '../sessions/sessions.js';
import { endTransactions } from '../signIn/transactions.js';
import { validAttributes, validRoles } from './administeredFields.js';
import { changeUserKeepingAdministrator } from './administrators.js';
import { type LetterDeps, notifyOwner, ownerOf, sendResetLink, siteOf } from './letters.js';
import { guessable, identifierFields, insertUser } from './newUser.js';
import { voidProofs } from './oneTimeProof.js';
import { type OwnProfilePatch, usernameFields } from './profile.js';
import { validProfile } from './profileFields.js';
import { conflictOf, recordChange, requireUser, type UserChange } from './userChange.js';

type AdministrationDeps = LetterDeps & Pick<Deps, 'audit' | 'passwords' | 'policy' | 'denylist'>;

export interface CreateUserInput extends OwnProfilePatch {
  email?: string | null;
  phone?: string | null;
  /** Taken as confirmed, without a letter. */
  emailVerified?: boolean | null;
  phoneVerified?: boolean | null;
  /** Absent, with no hash either: the owner gets a letter with a link that sets one. */
  password?: string | null;
  /** A PHC string of a supported scheme, instead of a password. */
  passwordHash?: string | null;
  mustChangePassword?: boolean | null;
  /** Absent: the configured default roles. */
  roles?: readonly string[] | null;
  attributes?: Record<string, unknown> | null;
}

/** Seconds that the link of an invitation works: people read mail when they come to it. */
const INVITATION_TTL_SECONDS = 7 * 86_400;

async function passwordFields(
  deps: AdministrationDeps,
  input: CreateUserInput,
  user: Partial<User>,
): Promise<Partial<User>> {
  const { password, passwordHash } = input;
  if (passwordHash) {
    assertVerifiableHash(passwordHash);
    return { passwordHash, passwordChangedAt: deps.clock() };
  }
  if (!password) return {};
  assertAcceptablePassword(deps.config, password, guessable(user));
  return { passwordHash: await deps.passwords.hash(password), passwordChangedAt: deps.clock() };
}

/**
 * Makes an account on behalf of its owner. Unlike at sign-up, a taken identifier is told: who may create accounts may
 * know of them.
 * @throws AppError BAD_USER_INPUT, PASSWORD_TOO_WEAK, CONFLICT with the path of the taken identifier, UNAVAILABLE
 */
export async function createUser(
  deps: AdministrationDeps,
  input: CreateUserInput,
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<User> {
  const identifiers = identifierFields(deps.config, input);
  assertReachable(identifiers);
  const { username: _name, ...profilePatch } = input;
  const profile = validProfile(profilePatch);
  const roles = (input.roles ?? deps.config.accounts.defaultRoles).map((role) => ({ role }));
  const fields: Partial<User> = {
    ...identifiers,
    ...profile,
    ...(await passwordFields(deps, input, { ...identifiers, ...profile })),
    status: 'active',
    emailVerified: input.emailVerified === true && Boolean(identifiers.email),
    phoneVerified: input.phoneVerified === true && Boolean(identifiers.phone),
    mustChangePassword: input.mustChangePassword === true,
    roleAssignments: validRoles(deps, roles),
    attributes: validAttributes(input.attributes ?? {}),
  };
  const user = await insertUser(deps, fields).catch((error: unknown) => {
    throw conflictOf(error);
  });
  await recordChange(
    deps,
    'user.create',
    { before: NOBODY, after: user },
    Object.keys(fields),
    actor,
    origin,
  );
  const to = ownerOf(user);
  if (!fields.passwordHash && to) {
    await sendResetLink(deps, 'invitation', user._id, to, { ttlSeconds: INVITATION_TTL_SECONDS });
  }
  return user;
}

/** Before its creation an account has no value of any field. */
const NOBODY = {} as User;

function assertReachable(user: Partial<User>): void {
  if (user.email || user.phone || user.username) return;
  throw new AppError('BAD_USER_INPUT', 'an account without any identifier', {
    path: ['email'],
    publicMessage: 'An account needs an e-mail address, a phone number or a username.',
  });
}

export interface UpdateUserPatch extends OwnProfilePatch {
  email?: string | null;
  phone?: string | null;
  emailVerified?: boolean | null;
  phoneVerified?: boolean | null;
  mustChangePassword?: boolean | null;
  /** Locks go through `lockUser`, which notes who, until when and why. */
  status?: 'active' | 'disabled' | null;
  attributes?: Record<string, unknown> | null;
}

/** A new contact is unconfirmed unless the administrator vouches for it; no contact is unconfirmed as well. */
function contactFields(deps: Pick<Deps, 'config'>, patch: UpdateUserPatch): Partial<User> {
  const { email, phone, emailVerified, phoneVerified } = patch;
  const typed = identifierFields(deps.config, { email, phone });
  return {
    ...(email === undefined ? {} : { email: null, emailNormalized: null, emailVerified: false }),
    ...(phone === undefined ? {} : { phone: null, phoneVerified: false }),
    ...typed,
    ...(typeof emailVerified === 'boolean' && email !== null ? { emailVerified } : {}),
    ...(typeof phoneVerified === 'boolean' && phone !== null ? { phoneVerified } : {}),
  };
}

/**
 * Changes an account on behalf of its owner. Disabling it ends its sessions; a change of contact voids open links
 * and is told to the old one.
 * @throws AppError NOT_FOUND, BAD_USER_INPUT, CONFLICT (identifier taken; last active administrator)
 */
export async function updateUser(
  deps: AdministrationDeps,
  { userId, patch }: { userId: string; patch: UpdateUserPatch },
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<User> {
  const { username, mustChangePassword, status, attributes } = patch;
  const fields: Partial<User> = {
    ...usernameFields(username),
    ...validProfile(patch),
    ...contactFields(deps, patch),
    ...(typeof mustChangePassword === 'boolean' ? { mustChangePassword } : {}),
    ...(status ? { status } : {}),
    ...(attributes === undefined ? {} : { attributes: validAttributes(attributes ?? {}) }),
  };
  const present = await requireUser(deps, userId);
  assertReachable({ ...present, ...fields });
  if (status === 'active' && present.status === 'locked') {
    throw new AppError('CONFLICT', `user ${userId} is locked`, {
      publicMessage: 'A locked account is unlocked first.',
    });
  }
  const change = await changeUserKeepingAdministrator(deps, userId, fields);
  await recordChange(deps, 'user.update', change, Object.keys(fields), actor, origin);
  await afterContactChange(deps, change);
  if (change.before.status === 'active' && status === 'disabled') {
    await revokeOtherSessions(deps, userId, null, 'account was disabled', actor, origin);
  }
  return change.after;
}

async function afterContactChange(deps: AdministrationDeps, { before, after }: UserChange): Promise<void> {
  const changed = {
    email: before.emailNormalized !== after.emailNormalized,
    phone: before.phone !== after.phone,
  };
  if (!changed.email && !changed.phone) return;
  await voidProofs(deps, after._id);
  await endTransactions(deps, after._id);
  const what = changed.email ? 'e-mail address' : 'phone number';
  const notice = mails.contactChanged({ site: siteOf(deps.config), what });
  notifyOwner(deps, 'contactChanged', ownerOf(before, changed.email ? 'email' : 'phone'), notice);
}

/**
 * Replaces the roles of an account. That the actor may grant them is judged by the door before.
 * @throws AppError NOT_FOUND, BAD_USER_INPUT (no such role), CONFLICT (last active administrator)
 */
export async function setUserRoles(
  deps: Pick<Deps, 'models' | 'clock' | 'policy' | 'audit'>,
  { userId, roles }: { userId: string; roles: readonly RoleAssignment[] },
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<User> {
  const fields = { roleAssignments: validRoles(deps, roles) };
  const change = await changeUserKeepingAdministrator(deps, userId, fields);
  await recordChange(deps, 'user.setRoles', change, ['roleAssignments'], actor, origin);
  return change.after;
}
