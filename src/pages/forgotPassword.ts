import { isAppError } from '../errors.js';
import { requestPasswordReset } from '../identity/accounts/passwords.js';
import { captchaOf } from './captcha.js';
import { ERROR_TEXTS } from './errorTexts.js';
import { errorSummary, type Fault, textField } from './fields.js';
import { findErrand, pageAddress, requestField, requestIdOf } from './flow.js';
import { html } from './html.js';
import type { View } from './layout.js';
import type { Page, Visit } from './page.js';
import { RESET_CODE_PATH } from './resetPasswordCode.js';

/** `/forgot-password?request=…`: sends a password link to the owner of an account, if there is one. */
export const forgotPasswordPage: Page<'request' | 'identifier'> = {
  path: '/forgot-password',

  show: (visit) => formView(visit, requestIdOf(visit.request), null, []),

  submission: {
    fields: ['request', 'identifier'],
    limit: 'signIn',
    async handle(visit, { request: id, identifier }) {
      try {
        await requestPasswordReset(visit.deps, { identifier, captcha: visit.captcha }, visit.request.origin);
      } catch (error) {
        if (!isAppError(error, 'CAPTCHA_REQUIRED')) throw error;
        return formView(visit, id, identifier, [{ field: 'identifier', text: ERROR_TEXTS[error.code].text }]);
      }
      return {
        title: 'Look into your messages',
        body: html`<p>If there is an account, its owner has a message now. Open its link, or <a href="${pageAddress(visit, RESET_CODE_PATH, id)}">type its code</a>, set a new password, then <a href="${pageAddress(visit, '/sign-in', id)}">sign in</a>.</p>`,
      };
    },
  },
};

async function formView(
  visit: Visit,
  id: string,
  typed: string | null,
  faults: readonly Fault[],
): Promise<View> {
  const errand = id === '' ? null : await findErrand(visit, id);
  const value = typed ?? errand?.loginHint ?? '';
  const label = 'E-mail address, phone number or username';
  const captcha = await captchaOf(visit);
  return {
    title: 'Forgot your password?',
    ...(faults.length > 0 && { status: 400, hasFaults: true }),
    scripts: captcha.scripts,
    body: html`${errorSummary(faults)}
<p>We send you a link and a code, with either of which you set a new one.</p>
${visit.form(html`${requestField(id)}
${textField({ name: 'identifier', label, type: 'text', autocomplete: 'username', value }, faults)}
${captcha.field}
<button type="submit">Send it</button>`)}
<p class="below"><a href="${pageAddress(visit, '/sign-in', id)}">Back to sign-in</a></p>`,
  };
}
