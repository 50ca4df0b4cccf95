/** Where the steps of a sign-in are sent to. */
export const FACTOR_PATH = '/sign-in/factor';
export const ENROL_PATH = '/sign-in/enrol';
export const PASSKEY_PATH = '/sign-in/passkey';
