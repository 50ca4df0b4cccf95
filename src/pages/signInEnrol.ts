import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { isAppError } from '../errors.js';
import { beginEnrolment, ENROLMENT_KINDS } from '../identity/signIn/enrol.js';
import { answerFactor } from '../identity/signIn/factorStep.js';
import { SET_UP } from './enrolForm.js';
import { onwards, pageAddress, requestIdOf } from './flow.js';
import type { Page } from './page.js';
import { passkeyAnswer } from './passkeyAnswer.js';
import { next } from './signIn.js';
import { signInContextOf } from './signInContext.js';
import { ENROL_PATH } from './signInPaths.js';

/** `/sign-in/enrol`: sets a factor up where one is demanded. It begins with the password, as the factor does. */
export const signInEnrolPage: Page<'request' | 'transaction' | 'code' | 'passkey'> = {
  path: ENROL_PATH,

  show: (visit) => onwards(pageAddress(visit, '/sign-in', requestIdOf(visit.request))),

  submission: {
    fields: ['request', 'transaction', 'code', 'passkey'],
    limit: 'signIn',
    async handle(visit, { request: id, transaction, code, passkey }, choices) {
      const context = signInContextOf(visit, id);
      const kind = ENROLMENT_KINDS.find((one) => choices.has(SET_UP + one));
      const answer =
        passkey === ''
          ? { code }
          : { passkey: passkeyAnswer(passkey) as unknown as AuthenticationResponseJSON };
      try {
        const outcome = kind
          ? await beginEnrolment(visit.deps, { transaction, kind }, context)
          : await answerFactor(visit.deps, { transaction, answer }, context);
        return await next(visit, id, outcome);
      } catch (error) {
        // Nothing waits any more: from the start.
        if (!isAppError(error, 'INVALID_GRANT')) throw error;
        return onwards(pageAddress(visit, '/sign-in', id));
      }
    },
  },
};
