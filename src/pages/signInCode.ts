import { isAppError } from '../errors.js';
import { answerMailedCode } from '../identity/signIn/emailAnswer.js';
import { resendMailedCode } from '../identity/signIn/emailSignIn.js';
import { onwards, pageAddress, requestIdOf } from './flow.js';
import { AGAIN } from './mailForm.js';
import type { Page } from './page.js';
import { next } from './signIn.js';
import { signInContextOf } from './signInContext.js';
import { CODE_PATH, EMAIL_PATH } from './signInPaths.js';

/** `/sign-in/code`: the code of a letter. It begins with the address, so that this one alone leads back there. */
export const signInCodePage: Page<'request' | 'transaction' | 'code'> = {
  path: CODE_PATH,

  show: (visit) => onwards(pageAddress(visit, EMAIL_PATH, requestIdOf(visit.request))),

  submission: {
    fields: ['request', 'transaction', 'code'],
    limit: 'signIn',
    async handle(visit, { request: id, transaction, code }, choices) {
      const context = signInContextOf(visit, id);
      try {
        const outcome = choices.has(AGAIN)
          ? await resendMailedCode(visit.deps, { transaction, link: { request: id } }, context)
          : await answerMailedCode(visit.deps, { transaction, code }, context);
        return await next(visit, id, outcome);
      } catch (error) {
        // Nothing waits any more: from the start.
        if (!isAppError(error, 'INVALID_GRANT')) throw error;
        return onwards(pageAddress(visit, EMAIL_PATH, id));
      }
    },
  },
};
