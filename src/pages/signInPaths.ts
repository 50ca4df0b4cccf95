/** Where the steps of a sign-in are sent to. */
export const FACTOR_PATH = '/sign-in/factor';
export const ENROL_PATH = '/sign-in/enrol';
export const PASSKEY_PATH = '/sign-in/passkey';
/** Asks for a letter, takes its code, and is where its link leads to. */
export const EMAIL_PATH = '/sign-in/email';
export const CODE_PATH = '/sign-in/code';
export const LINK_PATH = '/sign-in/link';
