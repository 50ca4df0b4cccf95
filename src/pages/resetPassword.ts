import { resetPassword } from '../identity/accounts/passwords.js';
import { errorSummary, type Fault } from './fields.js';
import { html } from './html.js';
import type { View } from './layout.js';
import { openLink, tokenField, tokenOf } from './mailedLink.js';
import { newPasswordFault, newPasswordFields, repetitionFault } from './newPassword.js';
import type { Page, Visit } from './page.js';

/** `/reset-password?token=…`, the link of a forgotten password, an invitation, a second sign-up. */
export const resetPasswordPage: Page<'token' | 'newPassword' | 'repeated'> = {
  path: '/reset-password',

  show: (visit) => formView(visit, tokenOf(visit.request), []),

  submission: {
    fields: ['token', 'newPassword', 'repeated'],
    limit: 'signIn',
    async handle(visit, { token, newPassword, repeated }) {
      const mistyped = repetitionFault({ newPassword, repeated });
      if (mistyped) return formView(visit, token, [mistyped]);
      try {
        await resetPassword(visit.deps, { token, newPassword }, visit.request.origin);
      } catch (error) {
        const fault = newPasswordFault(error);
        if (fault === null) throw error;
        return formView(visit, token, [fault]);
      }
      return PASSWORD_IS_SET;
    },
  },
};

/** @throws AppError CODE_INVALID */
async function formView(visit: Visit, token: string, faults: readonly Fault[]): Promise<View> {
  const { deps, form } = visit;
  const { target } = await openLink(deps, ['resetPassword'], token);
  return {
    title: 'Set a new password',
    ...(faults.length > 0 && { status: 400, hasFaults: true }),
    body: html`${errorSummary(faults)}
<p>For the account of <strong>${target}</strong>. You will be signed out everywhere.</p>
${form(html`${tokenField(token)}
<input type="text" autocomplete="username" value="${target}" readonly hidden>
${newPasswordFields(deps.config, faults)}
<button type="submit">Set the password</button>`)}`,
  };
}

export const PASSWORD_IS_SET: View = {
  title: 'Your password is set',
  body: html`<p>You were signed out everywhere. You can close this page and sign in with the new password.</p>`,
};
