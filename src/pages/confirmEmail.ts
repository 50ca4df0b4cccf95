import { confirmEmail } from '../identity/accounts/confirmations.js';
import { html } from './html.js';
import { openLink, tokenField, tokenOf } from './mailedLink.js';
import type { Page } from './page.js';

/** `/confirm-email?token=…`, the link of a sign-up and of a change of e-mail address. Only its button confirms. */
export const confirmEmailPage: Page<'token'> = {
  path: '/confirm-email',

  async show({ deps, request, form }) {
    const token = tokenOf(request);
    const { kind, target } = await openLink(deps, ['confirmEmail', 'changeEmail'], token);
    const isChange = kind === 'changeEmail';
    return {
      title: isChange ? 'Use this address?' : 'Confirm your address',
      body: html`<p>${isChange ? 'Your account will use' : 'You signed up with'} <strong>${target}</strong>.</p>
${form(html`${tokenField(token)}
<button type="submit">${isChange ? 'Use this address' : 'Confirm this address'}</button>
<p class="quiet">If you did not ask for this, close this page: nothing will change.</p>`)}`,
    };
  },

  submission: {
    fields: ['token'],
    limit: 'signIn',
    async handle({ deps, request }, { token }) {
      const { email } = await confirmEmail(deps, { token }, request.origin);
      return {
        title: 'Your address is confirmed',
        body: html`<p><strong>${email}</strong> belongs to your account now. You can close this page and sign in.</p>`,
      };
    },
  },
};
