import { unlockByLink } from '../identity/accounts/unlock.js';
import { html } from './html.js';
import { openLink, tokenField, tokenOf } from './mailedLink.js';
import type { Page } from './page.js';

/** `/unlock?token=…`, the link of a letter about failed sign-ins. Only its button lifts the lock. */
export const unlockPage: Page<'token'> = {
  path: '/unlock',

  async show({ deps, request, form }) {
    const token = tokenOf(request);
    const { target } = await openLink(deps, ['unlock'], token);
    return {
      title: 'Let sign-ins through again?',
      body: html`<p>Too many sign-ins to the account of <strong>${target}</strong> failed, so it refuses them for a while.</p>
${form(html`${tokenField(token)}
<button type="submit">Yes, it was me</button>
<p class="quiet">If it was not you, close this page: the lock keeps strangers out and ends by itself.</p>`)}`,
    };
  },

  submission: {
    fields: ['token'],
    limit: 'signIn',
    async handle({ deps, request }, { token }) {
      await unlockByLink(deps, token, request.origin);
      return {
        title: 'Sign-ins are let through again',
        body: html`<p>You can close this page and sign in.</p>`,
      };
    },
  },
};
