import { isAppError } from '../errors.js';
import { resetPassword } from '../identity/accounts/passwords.js';
import { errorSummary, type Fault, textField } from './fields.js';
import { findErrand, requestField, requestIdOf } from './flow.js';
import { html } from './html.js';
import type { View } from './layout.js';
import { newPasswordFault, newPasswordFields, repetitionFault } from './newPassword.js';
import type { Page, Visit } from './page.js';
import { PASSWORD_IS_SET } from './resetPassword.js';

export const RESET_CODE_PATH = '/reset-password/code';

/** One text for an address of nobody, a wrong code and one that is over: none may be told from another. */
const WRONG_CODE: Fault = {
  field: 'code',
  text: 'This code is not right, or it is over. Look into the newest message, or ask for another.',
};

/** `/reset-password/code?request=…`: the code of the letter, where its link cannot be opened. */
export const resetPasswordCodePage: Page<'request' | 'contact' | 'code' | 'newPassword' | 'repeated'> = {
  path: RESET_CODE_PATH,

  show: (visit) => formView(visit, requestIdOf(visit.request), null, []),

  submission: {
    fields: ['request', 'contact', 'code', 'newPassword', 'repeated'],
    limit: 'signIn',
    async handle(visit, { request: id, contact, code, newPassword, repeated }) {
      const mistyped = repetitionFault({ newPassword, repeated });
      if (mistyped) return formView(visit, id, contact, [mistyped]);
      try {
        await resetPassword(visit.deps, { contact, code, newPassword }, visit.request.origin);
      } catch (error) {
        const fault = isAppError(error, 'CODE_INVALID') ? WRONG_CODE : newPasswordFault(error);
        if (fault === null) throw error;
        return formView(visit, id, contact, [fault]);
      }
      return PASSWORD_IS_SET;
    },
  },
};

async function formView(
  visit: Visit,
  id: string,
  typed: string | null,
  faults: readonly Fault[],
): Promise<View> {
  const { deps, form } = visit;
  const errand = id === '' ? null : await findErrand(visit, id);
  const contact = { name: 'contact', label: 'E-mail address or phone number that the message went to' };
  const value = typed ?? errand?.loginHint ?? '';
  return {
    title: 'Set a new password',
    ...(faults.length > 0 && { status: 400, hasFaults: true }),
    body: html`${errorSummary(faults)}
<p>You will be signed out everywhere.</p>
${form(html`${requestField(id)}
${textField({ ...contact, type: 'text', autocomplete: 'username', value }, faults)}
${textField({ name: 'code', label: 'Code', type: 'text', autocomplete: 'one-time-code', value: '' }, faults)}
${newPasswordFields(deps.config, faults)}
<button type="submit">Set the password</button>`)}`,
  };
}
