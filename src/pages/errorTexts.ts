import type { ErrorCode } from '../errors.js';

/** What a refusal is called on a page, and what its reader can do. Exhaustive by type; never an oracle. */
export const ERROR_TEXTS: Record<ErrorCode, { title: string; text: string }> = {
  UNAUTHENTICATED: { title: 'Please sign in', text: 'This page needs you to be signed in.' },
  INVALID_CREDENTIALS: { title: 'Not signed in', text: 'The name or the password is not right.' },
  INVALID_TOKEN: { title: 'Please sign in again', text: 'Your sign-in is not valid any more.' },
  CONFIRMATION_REQUIRED: {
    title: 'Confirm your address first',
    text: 'Open the link in the message that we sent you, then sign in.',
  },
  ACCOUNT_LOCKED: { title: 'Too many attempts', text: 'Too many sign-ins failed. Please try again later.' },
  CAPTCHA_REQUIRED: {
    title: 'One moment, please',
    text: 'Show that you are no program, and type your password again.',
  },
  FORBIDDEN: { title: 'Not allowed', text: 'This is not allowed.' },
  STEP_UP_REQUIRED: {
    title: 'Please confirm that it is you',
    text: 'This needs a stronger or more recent sign-in.',
  },
  NOT_FOUND: { title: 'Page not found', text: 'There is no page at this address.' },
  BAD_USER_INPUT: {
    title: 'That did not work',
    text: 'What your browser sent could not be read. Please go back and try again.',
  },
  PASSWORD_TOO_WEAK: {
    title: 'Choose another password',
    text: 'This password is too easy to guess. Please go back and choose another one.',
  },
  CODE_INVALID: {
    title: 'This link does not work any more',
    text: 'It was used already, has expired, or is not complete. Ask for a new one where you asked for this one.',
  },
  CONFLICT: {
    title: 'That is not possible',
    text: 'This conflicts with something that is there already.',
  },
  LIMIT_EXCEEDED: { title: 'Too large', text: 'What your browser sent is too large.' },
  RATE_LIMITED: {
    title: 'Too many requests',
    text: 'There were too many requests from your network. Please wait a little, then try again.',
  },
  INVALID_REQUEST: { title: 'That did not work', text: 'The app that sent you here made a mistake.' },
  INVALID_CLIENT: { title: 'Unknown app', text: 'The app that sent you here is not known.' },
  INVALID_GRANT: { title: 'Please start again', text: 'What the app asked for is not valid any more.' },
  UNAUTHORIZED_CLIENT: {
    title: 'That is not possible',
    text: 'The app that sent you here may not ask for this.',
  },
  UNSUPPORTED_GRANT_TYPE: {
    title: 'That is not possible',
    text: 'The app that sent you here asked for something unknown.',
  },
  INVALID_SCOPE: {
    title: 'That is not possible',
    text: 'The app that sent you here asked for access that does not exist.',
  },
  INVALID_TARGET: {
    title: 'That is not possible',
    text: 'The app that sent you here asked for access to something that it may not use.',
  },
  INVALID_AUTHORIZATION_DETAILS: {
    title: 'That is not possible',
    text: 'The app that sent you here asked for access in a way that is not known.',
  },
  INVALID_DPOP_PROOF: { title: 'That did not work', text: 'The app that sent you here made a mistake.' },
  USE_DPOP_NONCE: { title: 'That did not work', text: 'The app that sent you here made a mistake.' },
  UNAVAILABLE: {
    title: 'Please try again soon',
    text: 'The service is busy or out of order. Nothing was changed.',
  },
  INTERNAL: {
    title: 'Something went wrong',
    text: 'The fault is on our side. If it happens again, tell your administrator the reference below.',
  },
};
