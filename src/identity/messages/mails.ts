import { describeDuration } from './duration.js';
import { composeLetter, type MailContent } from './letter.js';

/** No person but the owner sees this: it may say what the public answer must not. */
export interface LinkAndCode {
  site: string;
  url: string;
  code?: string;
  ttlSeconds: number;
}

export const mails = {
  confirmEmail: ({ site, url, code, ttlSeconds }: LinkAndCode): MailContent =>
    composeLetter({
      subject: `Confirm your e-mail address for ${site}`,
      opening: [`Somebody, hopefully you, signed up at ${site} with this e-mail address.`],
      link: { label: 'Confirm this address', url },
      ...(code === undefined ? {} : { code }),
      closing: [
        `The link works once, within ${describeDuration(ttlSeconds)}.`,
        'If it was not you, do nothing: without the confirmation nobody can use the account.',
      ],
    }),

  changeEmail: ({ site, url, code, ttlSeconds }: LinkAndCode): MailContent =>
    composeLetter({
      subject: `Confirm your new e-mail address for ${site}`,
      opening: [`You asked to use this e-mail address for your account at ${site}.`],
      link: { label: 'Use this address', url },
      ...(code === undefined ? {} : { code }),
      closing: [
        `The link works once, within ${describeDuration(ttlSeconds)}.`,
        'If you did not ask for it, do nothing.',
      ],
    }),

  /** To the owner of an address that somebody tried to sign up with, confirmed or not. */
  signUpAttempt: ({ site, url, ttlSeconds }: LinkAndCode): MailContent =>
    composeLetter({
      subject: `You already have an account at ${site}`,
      opening: [
        `Somebody, perhaps you, tried to sign up at ${site} with this e-mail address, which has an account already.`,
        'Nothing was changed. To get in, set a new password; the old one stops working then.',
      ],
      link: { label: 'Set a new password', url },
      closing: [
        `The link works once, within ${describeDuration(ttlSeconds)}.`,
        'If it was not you, do nothing.',
      ],
    }),

  resetPassword: ({ site, url, code, ttlSeconds }: LinkAndCode): MailContent =>
    composeLetter({
      subject: `Set a new password for ${site}`,
      opening: [`Somebody, hopefully you, asked for a new password for your account at ${site}.`],
      link: { label: 'Set a new password', url },
      ...(code === undefined ? {} : { code }),
      closing: [
        `Either works once, within ${describeDuration(ttlSeconds)}. Setting the password signs you out everywhere.`,
        'If it was not you, do nothing: your password stays as it is.',
      ],
    }),

  invitation: ({ site, url, ttlSeconds }: LinkAndCode): MailContent =>
    composeLetter({
      subject: `Your account at ${site}`,
      opening: [`An administrator made an account for you at ${site}.`],
      link: { label: 'Set your password', url },
      closing: [
        `The link works once, within ${describeDuration(ttlSeconds)}; after that, ask for a new password on the sign-in page.`,
      ],
    }),

  passwordChanged: ({ site }: { site: string }): MailContent =>
    composeLetter({
      subject: `Your password for ${site} was changed`,
      opening: [
        `The password of your account at ${site} was changed, and other devices were signed out.`,
        'If it was not you, set a new password at once and tell your administrator.',
      ],
    }),

  emailChangeRequested: ({ site, newEmail }: { site: string; newEmail: string }): MailContent =>
    composeLetter({
      subject: `Your e-mail address for ${site} is about to change`,
      opening: [
        `Somebody signed in to your account at ${site} asked to change its e-mail address to ${newEmail}.`,
        'If it was not you, change your password at once: that cancels the change.',
      ],
    }),

  phoneChangeRequested: ({ site, newPhone }: { site: string; newPhone: string }): MailContent =>
    composeLetter({
      subject: `Your phone number for ${site} is about to change`,
      opening: [
        `Somebody signed in to your account at ${site} asked to change its phone number to ${newPhone}.`,
        'If it was not you, change your password at once: that cancels the change.',
      ],
    }),

  contactChanged: ({ site, what }: { site: string; what: 'e-mail address' | 'phone number' }): MailContent =>
    composeLetter({
      subject: `Your ${what} for ${site} was changed`,
      opening: [
        `The ${what} of your account at ${site} was changed.`,
        'If it was not you, tell your administrator at once.',
      ],
    }),

  signInsLocked: (told: { site: string; seconds: number; url: string; ttlSeconds: number }): MailContent => {
    const { site, seconds, url, ttlSeconds } = told;
    return composeLetter({
      subject: `Failed sign-ins to your account at ${site}`,
      opening: [
        `Several sign-ins to your account at ${site} failed in a row, so it refuses sign-ins from there for ${describeDuration(seconds)}. Devices that you have used before are not affected.`,
        'If it was not you, your password held; nothing needs to be done. If it was, wait, set a new password, or:',
      ],
      link: { label: 'Let sign-ins through again', url },
      closing: [`The link works once, within ${describeDuration(ttlSeconds)}.`],
    });
  },

  newDevice: (told: {
    site: string;
    device: string;
    where: string;
    address: string;
    at: Date;
  }): MailContent =>
    composeLetter({
      subject: `A new device signed in to your account at ${told.site}`,
      opening: [
        `Your account at ${told.site} was entered from ${told.device} at ${told.address}${told.where === '' ? '' : ` (about ${told.where})`} on ${told.at.toISOString().slice(0, 16).replace('T', ' ')} UTC, for the first time from there.`,
        'If it was you, nothing needs to be done. If it was not, sign out everywhere and set a new password at once.',
      ],
    }),

  recoveryRequested: ({ site }: { site: string }): MailContent =>
    composeLetter({
      subject: `Somebody asked for the recovery of your account at ${site}`,
      opening: [
        `An administrator of ${site} was told that you cannot get into your account any more, and has asked for its recovery.`,
        'If it was not you, tell your administrator at once: a second person must agree before anything is changed.',
      ],
    }),

  signInRefused: ({
    site,
    device,
    address,
  }: {
    site: string;
    device: string;
    address: string;
  }): MailContent =>
    composeLetter({
      subject: `A sign-in to your account at ${site} was refused`,
      opening: [
        `Somebody with the right password, passkey or mailed code tried to sign in from ${device} at ${address}, and was refused: too much spoke against it.`,
        'If it was you, set a new password, or use a device that you have used before. If it was not, set a new password at once, here and for your mail.',
      ],
    }),

  factorCode: ({ site, code, ttlSeconds }: { site: string; code: string; ttlSeconds: number }): MailContent =>
    composeLetter({
      subject: `${code} is your sign-in code for ${site}`,
      opening: [
        `Your sign-in code for ${site} is ${code}. It works once, within ${describeDuration(ttlSeconds)}.`,
        'Nobody from us will ever ask you for it. If you are not signing in, somebody knows your password: change it.',
      ],
    }),

  /** `browser` and `address` are of whoever asked, so that the owner can tell whether that was them. */
  emailSignIn: (asked: {
    site: string;
    url?: string | undefined;
    code?: string | undefined;
    /** Of a known kind: a stranger must not put words into our letters. */
    browser: string | null;
    address: string;
    ttlSeconds: number;
  }): MailContent => {
    const { site, url, code, browser, address, ttlSeconds } = asked;
    const where = browser === null ? address : `${browser} at ${address}`;
    return composeLetter({
      subject: code === undefined ? `Sign in to ${site}` : `${code} is your sign-in code for ${site}`,
      opening: [
        `Somebody, hopefully you, asked to sign in at ${site} from ${where}.`,
        ...(code !== undefined && url === undefined ? [`Your sign-in code is ${code}.`] : []),
      ],
      ...(url === undefined ? {} : { link: { label: 'Sign in, in the browser in which you asked', url } }),
      ...(code === undefined || url === undefined ? {} : { code }),
      closing: [
        `It works once, within ${describeDuration(ttlSeconds)}, and only where you asked for it.`,
        'If it was not you, do nothing, and tell the code to nobody: nobody can sign in without this letter.',
      ],
    });
  },

  factorsChanged: ({ site, what }: { site: string; what: string }): MailContent =>
    composeLetter({
      subject: `How you sign in to ${site} has changed`,
      opening: [
        `${what}.`,
        'If it was not you, sign out everywhere, set a new password, and tell your administrator at once.',
      ],
    }),

  breakGlassUsed: ({ site, address }: { site: string; address: string }): MailContent =>
    composeLetter({
      subject: `The emergency account of ${site} was used`,
      opening: [
        `Somebody signed in to ${site} from ${address} with the break-glass account, which may do everything.`,
        'If nobody told you about an emergency, take its password out of the configuration, restart, and read the audit trail.',
      ],
    }),

  /** A used refresh token was shown again: the owner's app or a thief's, one cannot know which. */
  refreshTokenReused: ({ site, device }: { site: string; device: string }): MailContent =>
    composeLetter({
      subject: `A device was signed out of your account at ${site}`,
      opening: [
        `An old sign-in token of ${device} was used a second time, so that device was signed out of ${site}.`,
        'An app that was restored from a backup does that, and so does somebody who copied the token. If you do not know the reason, change your password: that signs out every other device.',
      ],
    }),

  deletionScheduled: ({ site, at }: { site: string; at: Date }): MailContent =>
    composeLetter({
      subject: `Your account at ${site} will be deleted`,
      opening: [
        `Your account at ${site} will be deleted on ${at.toISOString().slice(0, 16).replace('T', ' ')} UTC, as was asked.`,
        'Until then it works as before: sign in to cancel the deletion.',
      ],
    }),
};
