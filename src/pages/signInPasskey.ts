import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { isAppError } from '../errors.js';
import { signInByPasskey } from '../identity/signIn/passkeySignIn.js';
import { findErrand, onwards, pageAddress, requestIdOf } from './flow.js';
import type { Page } from './page.js';
import { passkeyAnswer } from './passkeyAnswer.js';
import { formView, next } from './signIn.js';
import { signInContextOf } from './signInContext.js';
import { PASSKEY_PATH } from './signInPaths.js';

/** `/sign-in/passkey`: by a passkey alone, which the sign-in page asks for. */
export const signInPasskeyPage: Page<'request' | 'passkey'> = {
  path: PASSKEY_PATH,

  show: (visit) => onwards(pageAddress(visit, '/sign-in', requestIdOf(visit.request))),

  submission: {
    fields: ['request', 'passkey'],
    limit: 'signIn',
    async handle(visit, { request: id, passkey: given }) {
      const errand = id === '' ? null : await findErrand(visit, id);
      const passkey = passkeyAnswer(given) as unknown as AuthenticationResponseJSON;
      try {
        const proof = { passkey, wanted: errand?.wanted };
        return await next(visit, id, await signInByPasskey(visit.deps, proof, signInContextOf(visit, id)));
      } catch (error) {
        if (!isAppError(error, 'CODE_INVALID')) throw error;
        const text = 'This passkey was not accepted. Try again, or use your password.';
        return formView(visit, id, { identifier: null, faults: [{ field: 'use-passkey', text }] });
      }
    },
  },
};
