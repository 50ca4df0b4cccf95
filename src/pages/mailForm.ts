import { describeDuration } from '../identity/messages/duration.js';
import type { SignInOutcome } from '../identity/signIn/outcome.js';
import { errorSummary, type Fault, textField } from './fields.js';
import { pageAddress, requestField } from './flow.js';
import { choice } from './formBody.js';
import { html, type Safe } from './html.js';
import type { View } from './layout.js';
import type { Visit } from './page.js';
import { CODE_PATH } from './signInPaths.js';

type Asked = Extract<SignInOutcome, { kind: 'factorRequired' }>;

/** What the button is named that asks for another letter. */
export const AGAIN = 'again';

const WRONG_CODE: Fault = { field: 'code', text: 'This code is not right. Look into the newest mail.' };

/** Waits for the letter: its code is typed here, its link opened in the same browser. The same for every address. */
export function mailView(visit: Visit, id: string, asked: Asked, email?: string): View {
  const { factors } = visit.deps.config;
  const faults = asked.wrongAnswer ? [WRONG_CODE] : [];
  const whose = email === undefined ? html`your address` : html`<strong>${email}</strong>`;
  return {
    title: 'Look into your mail',
    ...(asked.wrongAnswer && { status: 400, hasFaults: true }),
    body: html`${errorSummary(faults)}
<p>If ${whose} belongs to an account, its owner has a mail from us now. It works once, for ${describeDuration(factors.emailSignInTtlSeconds)}.</p>
${instruction(factors.emailSignIn)}
${visit.form(
  html`${requestField(id)}
<input type="hidden" name="transaction" value="${asked.transaction}">
${factors.emailSignIn.includes('code') ? codeField(faults) : html`<input type="hidden" name="code" value="">`}
<button type="submit" class="secondary" name="${choice(AGAIN)}" value="1" formnovalidate>Send another mail</button>`,
  CODE_PATH,
)}
<p class="below"><a href="${pageAddress(visit, '/sign-in', id)}">Sign in another way</a></p>`,
  };
}

function instruction(ways: readonly string[]): Safe {
  if (!ways.includes('link')) return html`<p>Type its code here.</p>`;
  if (!ways.includes('code')) return html`<p>Open its link in this browser, on this device.</p>`;
  return html`<p>Type its code here, or open its link in this browser.</p>`;
}

function codeField(faults: readonly Fault[]): Safe {
  return html`${textField({ name: 'code', label: 'Code', type: 'text', autocomplete: 'one-time-code', value: '' }, faults)}
<button type="submit">Continue</button>`;
}
