import type { Config } from '../../config/schema.js';
import type { ConfirmationKind } from '../../models/confirmation.js';
import type { User } from '../../models/user.js';
import type { Deps } from '../deps.js';
import type { MailContent } from '../messages/letter.js';
import { type LinkAndCode, mails } from '../messages/mails.js';
import { texts } from '../messages/texts.js';
import { mayWriteTo } from './messageLimit.js';
import { createProof } from './oneTimeProof.js';

/** What writing to people takes. */
export type LetterDeps = Pick<
  Deps,
  'config' | 'clock' | 'models' | 'secrets' | 'ephemeral' | 'mail' | 'sms' | 'messages'
>;

/** Where somebody is written to: an address by mail, a number by SMS. */
export interface Recipient {
  readonly channel: 'email' | 'phone';
  /** What is written to. */
  readonly address: string;
  /** Its normal form, which proofs and limits are kept under. */
  readonly target: string;
}

/** The name of this installation in letters: the host that its links lead to. */
export const siteOf = (config: Config): string => new URL(config.issuer).host;

/**
 * The links of letters: `<issuer>/confirm-email?token=…` and so on, where the token is `<confirmation id>.<secret>`. No
 * log holds it: requests are logged without their query.
 */
export function linkOf(
  config: Config,
  page: 'confirm-email' | 'reset-password' | 'sign-in/link' | 'unlock',
  token: string,
): string {
  const url = new URL(`${config.issuer}/${page}`);
  url.searchParams.set('token', token);
  return url.href;
}

export function emailOf(user: User): Recipient | null {
  if (!user.email || !user.emailNormalized) return null;
  return { channel: 'email', address: user.email, target: user.emailNormalized };
}

export function phoneOf(user: User): Recipient | null {
  return user.phone ? { channel: 'phone', address: user.phone, target: user.phone } : null;
}

/** Once a contact is confirmed, an unconfirmed one has no say about the account: it may be a stranger's. */
function reachableOf(user: User): readonly Recipient[] {
  const email = emailOf(user);
  const phone = phoneOf(user);
  const confirmed = [user.emailVerified ? email : null, user.phoneVerified ? phone : null].filter(
    (one) => one !== null,
  );
  return confirmed.length > 0 ? confirmed : [email, phone].filter((one) => one !== null);
}

/** Whether who reads at the target is who the account belongs to, as it is now. */
export function isOwnerAt(user: User, target: string): boolean {
  return reachableOf(user).some((one) => one.target === target);
}

/** Where the owner of an account is reached: a confirmed contact before an unconfirmed one, mail before SMS. */
export function ownerOf(user: User, preferred: 'email' | 'phone' = 'email'): Recipient | null {
  const reachable = reachableOf(user);
  return reachable.find((one) => one.channel === preferred) ?? reachable[0] ?? null;
}

/** Mails or texts a notice to the owner, in the background. */
export function notifyOwner(
  deps: Pick<Deps, 'config' | 'mail' | 'sms' | 'messages'>,
  purpose: string,
  owner: Recipient | null,
  content: MailContent,
): void {
  if (owner === null) return;
  deps.messages.enqueue(purpose, async () => {
    if (owner.channel === 'email') return deps.mail.send({ to: owner.address, ...content });
    return deps.sms.send({
      to: owner.address,
      text: texts.notice({ site: siteOf(deps.config), what: `${content.subject}.` }),
    });
  });
}

/** Letters with a link that sets a password. */
export type ResetLetter = 'resetPassword' | 'signUpAttempt' | 'invitation';

/**
 * Makes a password link, with its code, and hands the letter over. Nothing is sent beyond the limit of messages to one
 * target, and the letter before goes on to work then. `supersedes`: open proofs that this one replaces.
 */
export async function sendResetLink(
  deps: LetterDeps,
  letter: ResetLetter,
  userId: string,
  to: Recipient,
  options: { supersedes?: readonly ConfirmationKind[]; ttlSeconds?: number } = {},
): Promise<void> {
  const ttlSeconds = options.ttlSeconds ?? deps.config.accounts.passwordResetTtlSeconds;
  const isSent = await mayWriteTo(deps, to.target);
  const proof = await createProof(deps, {
    kind: 'resetPassword',
    userId,
    target: to.target,
    ttlSeconds,
    codeDigits: 8,
    isSent,
    ...(options.supersedes ? { supersedes: options.supersedes } : {}),
  });
  if (!isSent) return;
  const site = siteOf(deps.config);
  const url = linkOf(deps.config, 'reset-password', proof.token);
  const { code } = proof;
  deps.messages.enqueue(letter, async () => {
    if (to.channel === 'email')
      return deps.mail.send({ to: to.address, ...mails[letter]({ site, url, code, ttlSeconds }) });
    const text =
      letter === 'signUpAttempt'
        ? texts.signUpAttempt({ site, url })
        : texts.resetPassword({ site, url, code });
    return deps.sms.send({ to: to.address, text });
  });
}

/**
 * Makes a proof of a contact and hands over the letter that carries it: link and code by mail, code by SMS. Nothing
 * is sent beyond the limit of messages to one target, and the letter before goes on to work then.
 */
export async function sendConfirmation(
  deps: LetterDeps,
  kind: 'confirmEmail' | 'changeEmail' | 'confirmPhone' | 'changePhone',
  userId: string,
  to: Recipient,
): Promise<void> {
  const { accounts } = deps.config;
  const byMail = to.channel === 'email';
  const ttlSeconds = byMail ? accounts.confirmationTtlSeconds : accounts.smsCodeTtlSeconds;
  const isSent = await mayWriteTo(deps, to.target);
  const codeDigits = byMail ? 8 : 6;
  const proof = await createProof(deps, { kind, userId, target: to.target, ttlSeconds, codeDigits, isSent });
  if (!isSent) return;
  const site = siteOf(deps.config);
  const letter: LinkAndCode = {
    site,
    url: linkOf(deps.config, 'confirm-email', proof.token),
    code: proof.code,
    ttlSeconds,
  };
  deps.messages.enqueue(kind, async () => {
    if (!byMail) {
      return deps.sms.send({
        to: to.address,
        text: texts.confirmPhone({ site, code: proof.code, ttlSeconds }),
      });
    }
    const content = kind === 'changeEmail' ? mails.changeEmail(letter) : mails.confirmEmail(letter);
    return deps.mail.send({ to: to.address, ...content });
  });
}
