import { AppError, isAppError } from '../errors.js';
import { signUp } from '../identity/accounts/signUp.js';
import { captchaOf } from './captcha.js';
import { ERROR_TEXTS } from './errorTexts.js';
import { errorSummary, type Fault, passwordField, textField } from './fields.js';
import { findErrand, pageAddress, requestField, requestIdOf } from './flow.js';
import { html } from './html.js';
import type { View } from './layout.js';
import type { Page, Visit } from './page.js';
import { passwordRules } from './passwordRules.js';

interface Typed {
  readonly name: string;
  readonly email: string;
}

/** `/register?request=…`: a new account. The answer is the same when the address has one. */
export const registrationPage: Page<'request' | 'name' | 'email' | 'password'> = {
  path: '/register',

  show: (visit) => formView(visit, requestIdOf(visit.request), { name: '', email: '' }, []),

  submission: {
    fields: ['request', 'name', 'email', 'password'],
    limit: 'signUp',
    async handle(visit, { request: id, name, email, password }) {
      const { deps, request } = visit;
      if (id !== '') await findErrand(visit, id);
      try {
        await signUp(
          deps,
          { email, password, captcha: visit.captcha, ...(name !== '' && { name }) },
          request.origin,
        );
      } catch (error) {
        const fault = fieldFault(error);
        if (fault === null) throw error;
        return formView(visit, id, { name, email }, [fault]);
      }
      return {
        title: 'Look into your mail',
        body: html`<p>We sent a message to <strong>${email}</strong>. Open its link, then <a href="${pageAddress(visit, '/sign-in', id)}">sign in</a>.</p>`,
      };
    },
  },
};

function fieldFault(error: unknown): Fault | null {
  if (isAppError(error, 'CAPTCHA_REQUIRED')) return { field: 'password', text: ERROR_TEXTS[error.code].text };
  const field = isAppError(error) ? error.path?.at(-1) : undefined;
  if (!isAppError(error) || !error.publicMessage || !field) return null;
  return ['name', 'email', 'password'].includes(field) ? { field, text: error.publicMessage } : null;
}

async function formView(visit: Visit, id: string, typed: Typed, faults: readonly Fault[]): Promise<View> {
  const { deps, form } = visit;
  if (!deps.config.accounts.signUp) {
    throw new AppError('FORBIDDEN', 'sign-up is switched off', { publicMessage: 'Registration is closed.' });
  }
  if (id !== '') await findErrand(visit, id);
  const hints = passwordRules(deps.config);
  const captcha = await captchaOf(visit);
  return {
    title: 'Create an account',
    scripts: captcha.scripts,
    ...(faults.length > 0 && { status: 400, hasFaults: true }),
    body: html`${errorSummary(faults)}
${form(html`${requestField(id)}
${textField({ name: 'name', label: 'Name (optional)', type: 'text', autocomplete: 'name', value: typed.name, optional: true }, faults)}
${textField({ name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'email', value: typed.email }, faults)}
${passwordField({ name: 'password', label: 'Password', autocomplete: 'new-password', hints }, faults)}
${captcha.field}
<button type="submit">Create the account</button>`)}
<p class="below"><a href="${pageAddress(visit, '/sign-in', id)}">I have an account</a></p>`,
  };
}
