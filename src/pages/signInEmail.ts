import { AppError, isAppError } from '../errors.js';
import { requestEmailSignIn } from '../identity/signIn/emailSignIn.js';
import { captchaOf } from './captcha.js';
import { errorSummary, type Fault, textField } from './fields.js';
import { errandText, findErrand, pageAddress, requestField, requestIdOf } from './flow.js';
import { html } from './html.js';
import type { View } from './layout.js';
import { mailView } from './mailForm.js';
import type { Page, Visit } from './page.js';
import { signInContextOf } from './signInContext.js';
import { EMAIL_PATH } from './signInPaths.js';

/** `/sign-in/email?request=…`: asks for a letter in place of a password, where that is switched on. */
export const signInEmailPage: Page<'request' | 'email'> = {
  path: EMAIL_PATH,

  show: (visit) => formView(visit, requestIdOf(visit.request), { email: null, faults: [] }),

  submission: {
    fields: ['request', 'email'],
    limit: 'signIn',
    async handle(visit, { request: id, email }) {
      const { deps, captcha } = visit;
      const errand = id === '' ? null : await findErrand(visit, id);
      const asked = { email, captcha, wanted: errand?.wanted, link: { request: id } };
      try {
        const outcome = await requestEmailSignIn(deps, asked, signInContextOf(visit, id));
        return mailView(visit, id, outcome, email.trim());
      } catch (error) {
        const text = faultText(error);
        if (text === null) throw error;
        return formView(visit, id, { email, faults: [{ field: 'email', text }], refusal: error });
      }
    },
  },
};

function faultText(error: unknown): string | null {
  if (isAppError(error, 'CAPTCHA_REQUIRED')) return 'Show that you are no program, and try again.';
  return isAppError(error, 'BAD_USER_INPUT') ? (error.publicMessage ?? null) : null;
}

async function formView(
  visit: Visit,
  id: string,
  state: { email: string | null; faults: readonly Fault[]; refusal?: unknown },
): Promise<View> {
  const { deps, form } = visit;
  if (deps.config.factors.emailSignIn.length === 0) {
    throw new AppError('NOT_FOUND', 'signing in by mail is switched off');
  }
  const errand = id === '' ? null : await findErrand(visit, id);
  const { faults, refusal } = state;
  const hint = errand?.loginHint ?? '';
  const value = state.email ?? (hint.includes('@') ? hint : '');
  const captcha = await captchaOf(visit, refusal);
  return {
    title: 'Sign in by mail',
    scripts: captcha.scripts,
    ...(faults.length > 0 && { status: 400, hasFaults: true }),
    body: html`${errorSummary(faults)}
${errand && errandText(errand)}
<p>We mail you what you need to sign in. No password is asked for.</p>
${form(html`${requestField(id)}
${textField({ name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'email', value }, faults)}
${captcha.field}
<button type="submit">Send the mail</button>`)}
<p class="below"><a href="${pageAddress(visit, '/sign-in', id)}">Sign in another way</a></p>`,
  };
}
