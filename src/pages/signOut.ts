import { clearRefreshCookie, clearSessionCookie, readBrowserKey } from '../http/cookies.js';
import { endPending, findPending, type SignOutRequest } from '../identity/authorization/pending.js';
import { revokeSession } from '../identity/sessions/sessions.js';
import { accountName, findPerson, onwards, receiverOf, requestField, requestIdOf } from './flow.js';
import { choice } from './formBody.js';
import { html } from './html.js';
import type { View } from './layout.js';
import type { Page, Visit } from './page.js';

/** `/sign-out?request=…`: whether to sign out, for an app that asked (RP-Initiated Logout) or without one. */
export const signOutPage: Page<'request'> = {
  path: '/sign-out',

  async show(visit) {
    const id = requestIdOf(visit.request);
    const { returnTo, isStranger, clientName } = await findSignOut(visit, id);
    const person = await findPerson(visit);
    if (!person) return signedOut(returnTo, isStranger);
    return {
      title: 'Sign out?',
      body: html`<p>You are signed in as <strong>${accountName(person.user)}</strong>.${
        clientName !== null && html` <strong>${clientName}</strong> asks to sign you out.`
      }</p>
${visit.form(html`${requestField(id)}
<button type="submit" name="${choice('signOut')}" value="1">Sign out</button>
<button type="submit" class="secondary" name="${choice('stay')}" value="1">Stay signed in</button>`)}
<p class="quiet below">In this browser, of every app that you entered with this account.</p>`,
    };
  },

  submission: {
    fields: ['request'],
    limit: 'general',
    async handle(visit, { request: id }, choices) {
      const { deps, request, reply } = visit;
      const { returnTo } = await findSignOut(visit, id);
      if (id !== '') await endPending(deps, 'signOut', id);
      if (!choices.has('signOut')) {
        return {
          title: 'You are still signed in',
          body: html`<p>Nothing was changed. You can close this page.</p>`,
        };
      }
      const person = await findPerson(visit);
      if (person) {
        const actor = { kind: 'user', id: person.user._id, sessionId: person.session._id } as const;
        await revokeSession(deps, person.session._id, 'signed out', actor, request.origin);
      }
      clearSessionCookie(reply, deps.config);
      clearRefreshCookie(reply, deps.config);
      return signedOut(returnTo, false);
    },
  },
};

/** @throws AppError INVALID_GRANT when nothing waits for this browser under the id */
async function findSignOut({ deps, request }: Visit, id: string): Promise<SignOutRequest> {
  if (id === '') return { returnTo: null, isStranger: false, clientName: null };
  return findPending(deps, 'signOut', id, readBrowserKey(request, deps.config));
}

function signedOut(returnTo: string | null, isStranger: boolean): View {
  if (returnTo !== null && !isStranger) return onwards(returnTo);
  return {
    title: 'You are signed out',
    body: html`<p>You can close this page${
      returnTo !== null &&
      html`, or <a href="${returnTo}" rel="noreferrer">go on to ${receiverOf(returnTo)}</a>`
    }.</p>`,
  };
}
