import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { isAppError } from '../errors.js';
import { RECOVERY_CODE_ID } from '../identity/signIn/factorOptions.js';
import { answerFactor, chooseFactor } from '../identity/signIn/factorStep.js';
import type { FactorAnswer } from '../identity/signIn/outcome.js';
import { USE } from './factorForm.js';
import { onwards, pageAddress, requestIdOf } from './flow.js';
import type { Page } from './page.js';
import { passkeyAnswer } from './passkeyAnswer.js';
import { next } from './signIn.js';
import { signInContextOf } from './signInContext.js';
import { FACTOR_PATH } from './signInPaths.js';

/** `/sign-in/factor`: the second factor. It begins with the password, so that an address alone leads back there. */
export const signInFactorPage: Page<'request' | 'transaction' | 'factor' | 'code' | 'passkey'> = {
  path: FACTOR_PATH,

  show: (visit) => onwards(pageAddress(visit, '/sign-in', requestIdOf(visit.request))),

  submission: {
    fields: ['request', 'transaction', 'factor', 'code', 'passkey'],
    limit: 'signIn',
    async handle(visit, { request: id, transaction, factor, code, passkey }, choices) {
      const context = signInContextOf(visit, id);
      const wanted = [...choices].find((name) => name.startsWith(USE))?.slice(USE.length);
      if (wanted !== undefined) {
        return next(visit, id, await chooseFactor(visit.deps, { transaction, factorId: wanted }, context));
      }
      const answer = answerOf(factor, code, passkey);
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

function answerOf(factor: string, code: string, passkey: string): FactorAnswer {
  if (passkey !== '') return { passkey: passkeyAnswer(passkey) as unknown as AuthenticationResponseJSON };
  return factor === RECOVERY_CODE_ID ? { recoveryCode: code } : { code };
}
