import { AppError } from '../../errors.js';
import type { Factor } from '../../models/factor.js';
import type { User } from '../../models/user.js';
import { notifyOwner, ownerOf, siteOf } from '../accounts/letters.js';
import type { Deps } from '../deps.js';
import { mails } from '../messages/mails.js';
import type { AuditActor, RequestOrigin } from '../ports.js';

/** Long enough for every change, short enough for who waits after a crash. */
const LOCK_SECONDS = 15;
const LONGEST_NAME = 60;
/** A name stands in the letter that tells of its factor: it neither adds lines to it nor turns its writing. */
const UNPRINTABLE = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u;

/** What every change of factors takes: it is audited, and its owner is written to. */
export type ChangeDeps = Pick<
  Deps,
  'audit' | 'clock' | 'config' | 'ephemeral' | 'mail' | 'messages' | 'models' | 'secrets' | 'sms'
>;

/** Who makes a change, and from where. */
export interface ChangedBy {
  readonly actor: AuditActor;
  readonly origin: RequestOrigin;
}

/**
 * Runs one change of an account's factors at a time: two removals at once could each believe that the other's factor
 * stays. @throws AppError CONFLICT while another runs
 */
export async function changeAlone<T>(
  { ephemeral }: Pick<Deps, 'ephemeral'>,
  userId: string,
  change: () => Promise<T>,
): Promise<T> {
  const key = `factor-change:${userId}`;
  if (!(await ephemeral.setIfAbsent(key, '1', LOCK_SECONDS))) {
    throw new AppError('CONFLICT', `factors of user ${userId} are being changed`, {
      publicMessage: 'The factors of this account are being changed elsewhere. Try again.',
    });
  }
  try {
    return await change();
  } finally {
    await ephemeral.delete(key);
  }
}

/** Audits a change, and tells the owner: the first sign of a stolen account is often this letter. */
export async function noteFactorChange(
  deps: ChangeDeps,
  owner: User,
  { action, what, before, after }: { action: string; what: string; before?: object; after?: object },
  { actor, origin }: ChangedBy,
): Promise<void> {
  await deps.audit.record({
    action,
    outcome: 'success',
    actor,
    origin,
    objectType: 'User',
    objectId: owner._id,
    fields: ['factors'],
    ...(before && { before }),
    ...(after && { after }),
  });
  const letter = mails.factorsChanged({ site: siteOf(deps.config), what });
  notifyOwner(deps, 'factorsChanged', ownerOf(owner), letter);
}

/** What the audit trail says of a factor. */
export const factOf = ({ _id, kind, name }: Factor): object => ({ factor: { id: _id, kind, name } });

/** A factor in a letter: `The passkey "Blue key"`. */
export const wordsFor = ({ kind, name }: Pick<Factor, 'kind' | 'name'>): string => `${WORDS[kind]} "${name}"`;

const WORDS: Record<Factor['kind'], string> = {
  totp: 'The authenticator app',
  webauthn: 'The passkey',
  email: 'The e-mail factor',
  sms: 'The text message factor',
};

/** A name as the owner typed it. @throws AppError BAD_USER_INPUT */
export function factorName(typed: string): string {
  const name = typed.trim();
  if (name !== '' && name.length <= LONGEST_NAME && !UNPRINTABLE.test(name)) return name;
  throw new AppError('BAD_USER_INPUT', 'the name of a factor is empty, too long or not one line', {
    path: ['name'],
    publicMessage: `A name has 1 to ${LONGEST_NAME} characters, all of which can be shown.`,
  });
}
