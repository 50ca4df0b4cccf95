import { beginSignIn } from '../identity/signIn/signIn.js';
import { captchaOf } from './captcha.js';
import { errorSummary, type Fault, passwordField, textField } from './fields.js';
import { findErrand, requestField, requestIdOf } from './flow.js';
import { html } from './html.js';
import type { View } from './layout.js';
import { newPasswordFault } from './newPassword.js';
import type { Page, Visit } from './page.js';
import { passwordRules } from './passwordRules.js';
import { next, signInFault } from './signIn.js';
import { signInContextOf } from './signInContext.js';

/** `/sign-in/new-password?request=…`: an account whose password must be replaced before it can be used. */
export const signInNewPasswordPage: Page<'request' | 'identifier' | 'password' | 'newPassword'> = {
  path: '/sign-in/new-password',

  show: (visit) => formView(visit, requestIdOf(visit.request), { identifier: '', faults: [] }),

  submission: {
    fields: ['request', 'identifier', 'password', 'newPassword'],
    limit: 'signIn',
    async handle(visit, { request: id, identifier, password, newPassword }) {
      try {
        const errand = id === '' ? null : await findErrand(visit, id);
        const { captcha } = visit;
        const proof = { identifier, password, newPassword, captcha, wanted: errand?.wanted };
        return await next(visit, id, await beginSignIn(visit.deps, proof, signInContextOf(visit, id)));
      } catch (error) {
        const fault = signInFault(error) ?? newPasswordFault(error);
        if (fault === null) throw error;
        return formView(visit, id, { identifier, faults: [fault], refusal: error });
      }
    },
  },
};

async function formView(
  visit: Visit,
  id: string,
  state: { identifier: string; faults: readonly Fault[]; refusal?: unknown },
): Promise<View> {
  const { identifier, faults, refusal } = state;
  if (id !== '') await findErrand(visit, id);
  const { deps, form } = visit;
  const hints = passwordRules(deps.config);
  const captcha = await captchaOf(visit, refusal);
  return {
    title: 'Choose a new password',
    scripts: captcha.scripts,
    ...(faults.length > 0 && { status: 400, hasFaults: true }),
    body: html`${errorSummary(faults)}
<p>Your password must be replaced before you go on. You will be signed out everywhere else.</p>
${form(html`${requestField(id)}
${textField({ name: 'identifier', label: 'E-mail address, phone number or username', type: 'text', autocomplete: 'username', value: identifier }, faults)}
${passwordField({ name: 'password', label: 'Present password', autocomplete: 'current-password' }, faults)}
${passwordField({ name: 'newPassword', label: 'New password', autocomplete: 'new-password', hints }, faults)}
${captcha.field}
<button type="submit">Set the password and sign in</button>`)}`,
  };
}
