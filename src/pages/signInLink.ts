import { peekMailedLink, signInByMailedLink } from '../identity/signIn/emailAnswer.js';
import { errandText, findErrand, requestField, requestIdOf } from './flow.js';
import { html } from './html.js';
import type { View } from './layout.js';
import { tokenField, tokenOf } from './mailedLink.js';
import type { Page, Visit } from './page.js';
import { next } from './signIn.js';
import { signInContextOf } from './signInContext.js';
import { LINK_PATH } from './signInPaths.js';

/**
 * `/sign-in/link?token=…&request=…`, the link of a letter. Only its button signs in, and only the browser that asked for
 * the letter: a link that somebody passes on signs nobody in.
 */
export const signInLinkPage: Page<'request' | 'token'> = {
  path: LINK_PATH,

  async show(visit) {
    const token = tokenOf(visit.request);
    const id = requestIdOf(visit.request);
    const person = await personOf(visit, id, token);
    if (!person) return elsewhereView(visit);
    const errand = id === '' ? null : await findErrand(visit, id);
    return {
      title: 'Sign in?',
      body: html`${errand && errandText(errand)}
<p>You asked to sign in as <strong>${person.email}</strong>.</p>
${visit.form(html`${requestField(id)}
${tokenField(token)}
<button type="submit">Sign in</button>`)}`,
    };
  },

  submission: {
    fields: ['request', 'token'],
    limit: 'signIn',
    async handle(visit, { request: id, token }) {
      if (!(await personOf(visit, id, token))) return elsewhereView(visit);
      if (id !== '') await findErrand(visit, id);
      return next(visit, id, await signInByMailedLink(visit.deps, token, signInContextOf(visit, id)));
    },
  },
};

function personOf(visit: Visit, id: string, token: string) {
  return peekMailedLink(visit.deps, token, signInContextOf(visit, id).binding);
}

/** Says nothing about whose link it is. */
function elsewhereView({ deps }: Visit): View {
  const hasCode = deps.config.factors.emailSignIn.includes('code');
  return {
    title: 'Open this link where you asked for it',
    body: html`<p>It signs in only the browser that asked for it. If that was you, on another device or in another browser, open it there${hasCode && ', or type the code of the mail there'}. Nothing was used up.</p>
<p class="quiet">If you did not ask to sign in, close this page${hasCode && ', and tell the code to nobody'}. Nobody was signed in.</p>`,
  };
}
