import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../../errors.js';
import { isDuplicateKey } from '../../models/duplicateKey.js';
import type { Factor, FactorKind } from '../../models/factor.js';
import type { User } from '../../models/user.js';
import { emailOf, type LetterDeps, phoneOf, type Recipient, siteOf } from '../accounts/letters.js';
import { mayWriteTo } from '../accounts/messageLimit.js';
import { createProof, type ProofDeps, useProofByCode } from '../accounts/oneTimeProof.js';
import { mails } from '../messages/mails.js';
import { texts } from '../messages/texts.js';
import { assertRoomForFactor } from './factors.js';

const CODE_TTL_SECONDS = 300;
/** How long somebody waits before another code is sent. */
const RESEND_SECONDS = 30;
const ENROLMENT_SECONDS = 900;

type Channel = 'email' | 'sms';

/** Whether a factor of this kind is a code that is sent. */
export const isByMessage = (kind: FactorKind | null | undefined): kind is Channel =>
  kind === 'email' || kind === 'sms';

/**
 * Makes the confirmed contact of an account a factor, once a code that was sent there comes back.
 * @throws AppError CONFIRMATION_REQUIRED while the contact is not confirmed, CONFLICT when it is a factor already
 */
export async function beginMessageEnrolment(deps: LetterDeps, user: User, kind: Channel): Promise<Factor> {
  await assertRoomForFactor(deps, user._id);
  const to = contactOf(user, kind);
  if (!to)
    throw new AppError('CONFIRMATION_REQUIRED', `user ${user._id} has no confirmed contact for ${kind}`);
  const enrolmentExpiresAt = new Date(deps.clock().getTime() + ENROLMENT_SECONDS * 1000);
  // Begun again it is the same, so that codes are sent no more often than for a factor that is there.
  const begun = await deps.models.factors
    .findOneAndUpdate(
      { userId: user._id, kind, target: to.target, confirmedAt: null },
      { $set: { enrolmentExpiresAt } },
      { returnDocument: 'after' },
    )
    .lean<Factor>();
  if (begun) {
    await sendFactorCode(deps, user, begun);
    return begun;
  }
  try {
    const factor = await deps.models.factors.create({
      _id: uuidv7(),
      userId: user._id,
      kind,
      name: kind === 'email' ? 'E-mail' : 'Text message',
      target: to.target,
      enrolmentExpiresAt,
    });
    const { secret: _none, ...readable } = factor.toObject();
    await sendFactorCode(deps, user, readable);
    return readable;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    throw new AppError('CONFLICT', `user ${user._id} has a factor for this ${kind}`, {
      publicMessage: 'This address or number is a second factor already.',
    });
  }
}

/** @throws AppError CODE_INVALID */
export async function confirmMessageEnrolment(
  deps: ProofDeps,
  userId: string,
  factorId: string,
  code: string,
): Promise<Factor> {
  const taken = await useProofByCode(deps, ['factor'], factorId, code);
  const now = deps.clock();
  const confirmed =
    taken?.userId === userId
      ? await deps.models.factors
          .findOneAndUpdate(
            { _id: factorId, userId, confirmedAt: null, enrolmentExpiresAt: { $gt: now } },
            { $set: { confirmedAt: now, lastUsedAt: now }, $unset: { enrolmentExpiresAt: 1 } },
            { returnDocument: 'after' },
          )
          .lean<Factor>()
      : null;
  if (!confirmed) throw new AppError('CODE_INVALID', 'no enrolment of the account has this code');
  return confirmed;
}

/**
 * Sends a code of six digits: five minutes, five tries, one use; the code before it stops working. A factor whose
 * contact the account has no more gets none.
 * @returns seconds until another may be asked for; null: none was sent, the last one is too recent
 */
export async function sendFactorCode(
  deps: LetterDeps,
  user: User,
  factor: Pick<Factor, '_id' | 'kind' | 'target'>,
): Promise<{ sent: boolean; resendAfterSeconds: number }> {
  const waiting = { sent: false, resendAfterSeconds: RESEND_SECONDS };
  const to = contactOf(user, factor.kind);
  if (!to || to.target !== factor.target) return waiting;
  if (!(await deps.ephemeral.setIfAbsent(`factor-code:${factor._id}`, '1', RESEND_SECONDS))) return waiting;
  // Of its own: letters that strangers ask for must not keep an owner out who has proved the first step.
  if (!(await mayWriteTo(deps, `${to.target} of ${user._id}`))) return waiting;
  const { code } = await createProof(deps, {
    kind: 'factor',
    userId: user._id,
    target: factor._id,
    ttlSeconds: CODE_TTL_SECONDS,
    codeDigits: 6,
  });
  const letter = { site: siteOf(deps.config), code, ttlSeconds: CODE_TTL_SECONDS };
  deps.messages.enqueue('factorCode', () =>
    to.channel === 'email'
      ? deps.mail.send({ to: to.address, ...mails.factorCode(letter) })
      : deps.sms.send({ to: to.address, text: texts.factorCode(letter) }),
  );
  return { sent: true, resendAfterSeconds: RESEND_SECONDS };
}

/** Uses up the code that was sent for a factor: of any number of callers exactly one hears yes. */
export async function verifyFactorCode(
  deps: ProofDeps,
  userId: string,
  factorId: string,
  code: string,
): Promise<boolean> {
  const taken = await useProofByCode(deps, ['factor'], factorId, code);
  if (taken?.userId !== userId) return false;
  const { modifiedCount } = await deps.models.factors.updateOne(
    { _id: factorId, userId, confirmedAt: { $ne: null } },
    { $set: { lastUsedAt: deps.clock() } },
  );
  return modifiedCount === 1;
}

/**
 * Lets the codes follow a contact that its owner has moved, which takes what adding a factor takes: at the old one they would
 * be waited for in vain.
 */
export async function moveFactor(
  { models }: Pick<LetterDeps, 'models'>,
  userId: string,
  kind: Channel,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  const old = { userId, kind, target: from, confirmedAt: { $ne: null } };
  try {
    await models.factors.updateOne(old, { $set: { target: to } });
  } catch (error) {
    // There is one for it already, of an earlier time when the account had this contact.
    if (!isDuplicateKey(error)) throw error;
  }
}

/** Whether codes of a kind have somewhere to go: a confirmed address or number. */
export const takesCodes = (user: User, kind: Channel): boolean => contactOf(user, kind) !== null;

function contactOf(user: User, kind: FactorKind): Recipient | null {
  if (kind === 'email') return user.emailVerified ? emailOf(user) : null;
  if (kind === 'sms') return user.phoneVerified ? phoneOf(user) : null;
  return null;
}
