import { isAppError } from '../errors.js';
import { RECOVERY_CODE_ID } from '../identity/signIn/factorOptions.js';
import { answerFactor, chooseFactor } from '../identity/signIn/factorStep.js';
import { FACTOR_PATH, USE } from './factorForm.js';
import { onwards, pageAddress, requestIdOf } from './flow.js';
import type { Page } from './page.js';
import { next, signInContextOf } from './signIn.js';

/** `/sign-in/factor`: the second factor. It begins with the password, so that an address alone leads back there. */
export const signInFactorPage: Page<'request' | 'transaction' | 'factor' | 'code'> = {
  path: FACTOR_PATH,

  show: (visit) => onwards(pageAddress(visit, '/sign-in', requestIdOf(visit.request))),

  submission: {
    fields: ['request', 'transaction', 'factor', 'code'],
    limit: 'signIn',
    async handle(visit, { request: id, transaction, factor, code }, choices) {
      const context = signInContextOf(visit);
      const wanted = [...choices].find((name) => name.startsWith(USE))?.slice(USE.length);
      if (wanted !== undefined) {
        return next(visit, id, await chooseFactor(visit.deps, { transaction, factorId: wanted }, context));
      }
      const answer = factor === RECOVERY_CODE_ID ? { recoveryCode: code } : { code };
      const trustThisDevice = choices.has('trust');
      try {
        return await next(
          visit,
          id,
          await answerFactor(visit.deps, { transaction, answer, trustThisDevice }, context),
        );
      } catch (error) {
        // Nothing waits any more: from the start.
        if (!isAppError(error, 'INVALID_GRANT')) throw error;
        return onwards(pageAddress(visit, '/sign-in', id));
      }
    },
  },
};
