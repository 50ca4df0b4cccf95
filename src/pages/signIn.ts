import { AppError, isAppError } from '../errors.js';
import { setKnownDevice, setSessionCookie, setTrustedDevice } from '../http/cookies.js';
import { beginPasskeySignIn } from '../identity/factors/passkeys.js';
import { MAILED_CODE_ID } from '../identity/signIn/emailSignIn.js';
import { enter } from '../identity/signIn/enter.js';
import type { ProvedSignIn, SignInOutcome } from '../identity/signIn/outcome.js';
import { beginSignIn } from '../identity/signIn/signIn.js';
import { captchaOf } from './captcha.js';
import { enrolView } from './enrolForm.js';
import { ERROR_TEXTS } from './errorTexts.js';
import { factorView } from './factorForm.js';
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
import { mailView } from './mailForm.js';
import type { Page, Visit } from './page.js';
import { passkeyField } from './passkeyField.js';
import { signInContextOf } from './signInContext.js';
import { EMAIL_PATH, PASSKEY_PATH } from './signInPaths.js';
import { STEP_UP, stepUp, stepUpForm } from './stepUpForm.js';

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
      const { deps } = visit;
      const errand = id === '' ? null : await findErrand(visit, id);
      if (errand?.client && choices.has('cancel')) return goOn(visit, id, { refused: true });
      const raised = choices.has(STEP_UP) ? await stepUp(visit, id, errand) : null;
      if (raised) return next(visit, id, raised);
      try {
        const context = signInContextOf(visit, id);
        const proof = { identifier, password, captcha: visit.captcha, wanted: errand?.wanted };
        return await next(visit, id, await beginSignIn(deps, proof, context));
      } catch (error) {
        const fault = signInFault(error);
        if (fault === null) throw error;
        return formView(visit, id, { identifier, faults: [fault], refusal: error });
      }
    },
  },
};

/** Where a sign-in goes on. */
export async function next(visit: Visit, id: string, outcome: SignInOutcome): Promise<View> {
  switch (outcome.kind) {
    case 'proved':
      return letIn(visit, id, outcome);
    case 'passwordChangeRequired':
      return onwards(pageAddress(visit, '/sign-in/new-password', id));
    case 'factorRequired':
      if (outcome.chosen?.id === MAILED_CODE_ID) return mailView(visit, id, outcome);
      return factorView(visit, id, outcome);
    default:
      if (outcome.kinds.length > 0) return enrolView(visit, id, outcome);
      throw new AppError('STEP_UP_REQUIRED', `no factor of the account reaches ${outcome.requiredAcr}`, {
        publicMessage:
          'This needs more than was shown. Sign in anew, with your password if a mail was what you began with.',
      });
  }
}

/** The same person in the same browser keeps the session, so that apps that hang on it stay signed in. */
async function letIn(visit: Visit, id: string, proved: ProvedSignIn): Promise<View> {
  const { deps, request, reply } = visit;
  const { user, trustedDevice, recoveryCodes } = proved;
  // The session of a token gets no cookie, which may do more.
  if (proved.tokenScopes !== null) throw new AppError('INVALID_GRANT', 'a step of the session of a token');
  const present = await findPerson(visit);
  const own = present?.user._id === user._id ? present.session._id : null;
  // What was begun to raise a session raises that one: where it has ended, its password counts no more.
  const sessionId = proved.sessionId ?? own;
  const { session, cookieValue, deviceToken } = await enter(
    deps,
    { ...proved, sessionId },
    { withCookie: true },
    request.origin,
  );
  if (cookieValue !== null) setSessionCookie(reply, deps.config, cookieValue);
  if (deviceToken !== null) setKnownDevice(reply, deps.config, deviceToken);
  if (trustedDevice !== null) setTrustedDevice(reply, deps.config, trustedDevice);
  const onward = id === '' ? null : await goOn(visit, id, { signedIn: session._id });
  if (recoveryCodes) return recoveryCodesView(recoveryCodes, onward);
  if (onward) return onward;
  return {
    title: 'You are signed in',
    body: html`<p>As <strong>${accountName(user)}</strong>. You can close this page.</p>`,
  };
}

/** With the first factor: shown once, and nothing goes on by itself. */
function recoveryCodesView(codes: readonly string[], onward: View | null): View {
  return {
    title: 'Keep these recovery codes',
    body: html`<p>Each signs you in once when your second step is out of reach. They are shown only now: print or copy them.</p>
<ul class="codes">${codes.map((code) => html`<li class="code">${code}</li>\n`)}</ul>
${onward?.body ?? html`<p>You are signed in. You can close this page.</p>`}`,
  };
}

/** Refusals that are answered in the form; the others become a page of their own. */
export function signInFault(error: unknown): Fault | null {
  const inForm = [
    'INVALID_CREDENTIALS',
    'ACCOUNT_LOCKED',
    'CONFIRMATION_REQUIRED',
    'CAPTCHA_REQUIRED',
  ] as const;
  const code = inForm.find((one) => isAppError(error, one));
  return code ? { field: 'identifier', text: ERROR_TEXTS[code].text } : null;
}

/** The sign-in page, also after another way in has failed. */
export async function formView(
  visit: Visit,
  id: string,
  state: { identifier: string | null; faults: readonly Fault[]; refusal?: unknown },
): Promise<View> {
  const { deps, form } = visit;
  const errand = id === '' ? null : await findErrand(visit, id);
  const { faults } = state;
  const identifier = state.identifier ?? errand?.loginHint ?? '';
  const captcha = await captchaOf(visit, state.refusal);
  const passkey = await beginPasskeySignIn(deps, null);
  return {
    title: 'Sign in',
    passkeys: true,
    scripts: captcha.scripts,
    ...(faults.length > 0 && { status: 400, hasFaults: true }),
    body: html`${errorSummary(faults)}
${errand && errandText(errand)}
${await stepUpForm(visit, id, errand)}
${form(html`${requestField(id)}
${textField({ name: 'identifier', label: 'E-mail address, phone number or username', type: 'text', autocomplete: 'username webauthn', value: identifier }, faults)}
${passwordField({ name: 'password', label: 'Password', autocomplete: 'current-password' }, faults)}
${captcha.field}
<button type="submit">Sign in</button>
${errand?.client && html`<button type="submit" class="secondary" name="${choice('cancel')}" value="1" formnovalidate>Cancel</button>`}`)}
${form(
  html`${requestField(id)}
<input type="hidden" name="passkey" value="">
${passkeyField('get', passkey, { label: 'Sign in with a passkey', offered: true })}`,
  PASSKEY_PATH,
)}
${linksBelow(visit, id)}`,
  };
}

function linksBelow(visit: Visit, id: string): Safe {
  const { accounts, factors } = visit.deps.config;
  const address = (path: string) => pageAddress(visit, path, id);
  return html`<p class="below"><a href="${address('/forgot-password')}">Forgot your password?</a></p>
${factors.emailSignIn.length > 0 && html`<p><a href="${address(EMAIL_PATH)}">Sign in by mail, without a password</a></p>`}
${accounts.signUp && html`<p><a href="${address('/register')}">Create an account</a></p>`}`;
}
