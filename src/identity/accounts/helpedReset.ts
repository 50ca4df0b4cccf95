import { AppError } from '../../errors.js';
import type { Deps } from '../deps.js';
import type { AuditActor, RequestOrigin } from '../ports.js';
import { type LetterDeps, linkOf, ownerOf, sendResetLink } from './letters.js';
import { createProof } from './oneTimeProof.js';
import { requireUser } from './userChange.js';

/** A password link that was sent, or one to hand over. */
export type HelpedReset =
  | { readonly sentTo: 'email' | 'phone' }
  | { readonly url: string; readonly expiresAt: Date };

/**
 * Makes a password link on behalf of an account's owner: sends it to their confirmed contact, or returns it for
 * whoever has made sure otherwise who they are. It works once, like the one that the owner asks for.
 * @throws AppError NOT_FOUND, CONFLICT when the account has no contact: a link is bound to one
 */
export async function helpWithReset(
  deps: LetterDeps & Pick<Deps, 'audit'>,
  { userId, handOver }: { userId: string; handOver: boolean },
  actor: AuditActor,
  origin: RequestOrigin,
): Promise<HelpedReset> {
  const to = ownerOf(await requireUser(deps, userId));
  if (!to) {
    throw new AppError('CONFLICT', `user ${userId} has no contact that a link could be bound to`, {
      publicMessage: 'The account has neither an e-mail address nor a phone number.',
    });
  }
  // Recorded first: a link that nobody knows of must not exist.
  await deps.audit.record({
    action: 'user.helpWithReset',
    outcome: 'success',
    actor,
    origin,
    objectType: 'User',
    objectId: userId,
    after: { handOver, channel: to.channel },
  });
  if (!handOver) {
    await sendResetLink(deps, 'resetPassword', userId, to);
    return { sentTo: to.channel };
  }
  const ttlSeconds = deps.config.accounts.passwordResetTtlSeconds;
  const { target } = to;
  const proof = await createProof(deps, { kind: 'resetPassword', userId, target, ttlSeconds, codeDigits: 8 });
  return {
    url: linkOf(deps.config, 'reset-password', proof.token),
    expiresAt: new Date(deps.clock().getTime() + ttlSeconds * 1000),
  };
}
