import { describeDuration } from './duration.js';

/** Texts of SMS: short, and the code first, where notifications show it. */
export const texts = {
  confirmPhone: ({ site, code, ttlSeconds }: { site: string; code: string; ttlSeconds: number }): string =>
    `${code} is your confirmation code for ${site}. It works once, within ${describeDuration(ttlSeconds)}. Tell it to nobody.`,

  signUpAttempt: ({ site, url }: { site: string; url: string }): string =>
    `Somebody tried to sign up at ${site} with this number, which has an account already. New password: ${url}`,

  resetPassword: ({ site, url, code }: { site: string; url: string; code: string }): string =>
    `${code} sets a new password for ${site}: tell it to nobody. Or open ${url} If you did not ask for it, do nothing.`,

  signInsLocked: ({ site, url }: { site: string; url: string }): string =>
    `Failed sign-ins to your account at ${site}. If it was you, let sign-ins through again: ${url}`,

  factorCode: ({ site, code, ttlSeconds }: { site: string; code: string; ttlSeconds: number }): string =>
    `${code} is your sign-in code for ${site}. It works once, within ${describeDuration(ttlSeconds)}. Tell it to nobody.`,

  notice: ({ site, what }: { site: string; what: string }): string =>
    `${site}: ${what} If it was not you, tell your administrator at once.`,
};
