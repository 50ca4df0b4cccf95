import { isAppError } from '../errors.js';
import { setSessionCookie } from '../http/cookies.js';
import { verifyCredentials } from '../identity/accounts/credentials.js';
import { reauthenticateSession } from '../identity/sessions/reauthenticate.js';
import { createSession, SINGLE_FACTOR_ACR } from '../identity/sessions/sessions.js';
import type { User } from '../models/user.js';
import { ERROR_TEXTS } from './errorTexts.js';
import { errorSummary, type Fault, passwordField, textField } from './fields.js';
import {
  accountName,
  errandText,
  findErrand,
  findPerson,
  goOn,
  onwards,
  pageAddress,
  requestField,
  requestIdOf,
} from './flow.js';
import { choice } from './formBody.js';
import { html, type Safe } from './html.js';
import type { View } from './layout.js';
import type { Page, Visit } from './page.js';

const AMR = ['pwd'] as const;

/** `/sign-in?request=…`: by password, on the way to an app or without one. */
export const signInPage: Page<'request' | 'identifier' | 'password'> = {
  path: '/sign-in',

  async show(visit) {
    const id = requestIdOf(visit.request);
    return formView(visit, id, { identifier: null, faults: [] });
  },

  submission: {
    fields: ['request', 'identifier', 'password'],
    limit: 'signIn',
    async handle(visit, { request: id, identifier, password }, choices) {
      const { deps, request } = visit;
      const errand = id === '' ? null : await findErrand(visit, id);
      if (errand?.client && choices.has('cancel')) return goOn(visit, id, { refused: true });
      let user: User;
      try {
        user = await verifyCredentials(deps, { identifier, password }, request.origin);
      } catch (error) {
        const fault = signInFault(error);
        if (fault === null) throw error;
        return formView(visit, id, { identifier, faults: [fault] });
      }
      if (user.mustChangePassword) {
        return onwards(pageAddress(visit, '/sign-in/new-password', id));
      }
      return enter(visit, id, user);
    },
  },
};

/**
 * Signs in whoever has just proved who they are. The same person in the same browser keeps the session, so that apps
 * that hang on it stay signed in.
 */
export async function enter(visit: Visit, id: string, user: User): Promise<View> {
  const { deps, request, reply } = visit;
  const present = await findPerson(visit);
  let sessionId: string;
  if (present?.user._id === user._id) {
    const renewed = await reauthenticateSession(deps, present.session, { amr: AMR, acr: SINGLE_FACTOR_ACR });
    sessionId = renewed._id;
  } else {
    const opened = await createSession(deps, { user, amr: AMR, withCookie: true }, request.origin);
    if (opened.cookieValue !== null) setSessionCookie(reply, deps.config, opened.cookieValue);
    sessionId = opened.session._id;
  }
  if (id !== '') return goOn(visit, id, { signedIn: sessionId });
  return {
    title: 'You are signed in',
    body: html`<p>As <strong>${accountName(user)}</strong>. You can close this page.</p>`,
  };
}

/** Refusals that are answered in the form; the others become a page of their own. */
export function signInFault(error: unknown): Fault | null {
  const inForm = ['INVALID_CREDENTIALS', 'ACCOUNT_LOCKED', 'CONFIRMATION_REQUIRED'] as const;
  const code = inForm.find((one) => isAppError(error, one));
  return code ? { field: 'identifier', text: ERROR_TEXTS[code].text } : null;
}

async function formView(
  visit: Visit,
  id: string,
  state: { identifier: string | null; faults: readonly Fault[] },
): Promise<View> {
  const { deps, form } = visit;
  const errand = id === '' ? null : await findErrand(visit, id);
  const { faults } = state;
  const identifier = state.identifier ?? errand?.loginHint ?? '';
  return {
    title: 'Sign in',
    ...(faults.length > 0 && { status: 400, hasFaults: true }),
    body: html`${errorSummary(faults)}
${errand && errandText(errand)}
${form(html`${requestField(id)}
${textField({ name: 'identifier', label: 'E-mail address, phone number or username', type: 'text', autocomplete: 'username', value: identifier }, faults)}
${passwordField({ name: 'password', label: 'Password', autocomplete: 'current-password' }, faults)}
<button type="submit">Sign in</button>
${errand?.client && html`<button type="submit" class="secondary" name="${choice('cancel')}" value="1" formnovalidate>Cancel</button>`}`)}
${linksBelow(visit, id, deps.config.accounts.signUp)}`,
  };
}

function linksBelow(visit: Visit, id: string, mayRegister: boolean): Safe {
  const address = (path: string) => pageAddress(visit, path, id);
  return html`<p class="below"><a href="${address('/forgot-password')}">Forgot your password?</a></p>
${mayRegister && html`<p><a href="${address('/register')}">Create an account</a></p>`}`;
}
