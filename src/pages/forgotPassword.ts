import { requestPasswordReset } from '../identity/accounts/passwords.js';
import { textField } from './fields.js';
import { findErrand, pageAddress, requestField, requestIdOf } from './flow.js';
import { html } from './html.js';
import type { Page } from './page.js';

/** `/forgot-password?request=…`: sends a password link to the owner of an account, if there is one. */
export const forgotPasswordPage: Page<'request' | 'identifier'> = {
  path: '/forgot-password',

  async show(visit) {
    const id = requestIdOf(visit.request);
    const errand = id === '' ? null : await findErrand(visit, id);
    const value = errand?.loginHint ?? '';
    const label = 'E-mail address, phone number or username';
    return {
      title: 'Forgot your password?',
      body: html`<p>We send you a link with which you set a new one.</p>
${visit.form(html`${requestField(id)}
${textField({ name: 'identifier', label, type: 'text', autocomplete: 'username', value }, [])}
<button type="submit">Send the link</button>`)}
<p class="below"><a href="${pageAddress(visit, '/sign-in', id)}">Back to sign-in</a></p>`,
    };
  },

  submission: {
    fields: ['request', 'identifier'],
    limit: 'signIn',
    async handle(visit, { request: id, identifier }) {
      await requestPasswordReset(visit.deps, { identifier }, visit.request.origin);
      return {
        title: 'Look into your messages',
        body: html`<p>If there is an account, its owner has a message now. Open its link, set a new password, then <a href="${pageAddress(visit, '/sign-in', id)}">sign in</a>.</p>`,
      };
    },
  },
};
