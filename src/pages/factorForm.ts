import type { FactorOption, SignInOutcome } from '../identity/signIn/outcome.js';
import { errorSummary, type Fault, textField } from './fields.js';
import { requestField } from './flow.js';
import { choice } from './formBody.js';
import { html, type Safe } from './html.js';
import type { View } from './layout.js';
import type { Visit } from './page.js';
import { passkeyField } from './passkeyField.js';
import { FACTOR_PATH } from './signInPaths.js';

type Asked = Extract<SignInOutcome, { kind: 'factorRequired' }>;

/** What a button that chooses a factor is named after. */
export const USE = 'use:';

const WRONG_CODE: Fault = {
  field: 'code',
  text: 'This code is not right, or was used already. Try again.',
};
const WRONG_KEY: Fault = { field: 'use-passkey', text: 'This passkey was not accepted. Try again.' };

/** Asks for a second factor: first which, then its code. The way on travels in the form, never in an address. */
export function factorView({ deps, form }: Visit, id: string, asked: Asked): View {
  const chosen = asked.factors.find((factor) => factor.id === asked.chosen?.id);
  const challenge = asked.chosen?.challenge ?? null;
  const faults = asked.wrongAnswer ? [challenge ? WRONG_KEY : WRONG_CODE] : [];
  const others = asked.factors.filter((factor) => factor !== chosen);
  const mayTrust = deps.config.factors.trustedDeviceDays;
  return {
    title: 'One more step',
    passkeys: challenge !== null,
    ...(asked.wrongAnswer && { status: 400, hasFaults: true }),
    body: html`${errorSummary(faults)}
${form(
  html`${requestField(id)}
<input type="hidden" name="transaction" value="${asked.transaction}">
<input type="hidden" name="factor" value="${chosen?.id ?? ''}">
<input type="hidden" name="passkey" value="">
${challenge && keyField(challenge, mayTrust)}
${chosen && !challenge ? codeField(chosen, faults, mayTrust) : html`<input type="hidden" name="code" value="">`}
${others.map(
  (factor) =>
    html`<button type="submit"${chosen && html` class="secondary"`} name="${choice(USE + factor.id)}" value="1" formnovalidate>${labelOf(factor)}</button>\n`,
)}`,
  FACTOR_PATH,
)}`,
  };
}

function keyField(challenge: object, trustDays: number): Safe {
  return html`${trustField(trustDays)}
${passkeyField('get', challenge, { label: 'Use your passkey', without: 'A passkey needs JavaScript. Choose another way.' })}
`;
}

function trustField(days: number): Safe | null {
  if (days === 0) return null;
  return html`<p class="choice"><input type="checkbox" id="trust" name="${choice('trust')}" value="1"> <label for="trust">Do not ask in this browser for ${days} days</label></p>`;
}

function codeField(factor: FactorOption, faults: readonly Fault[], trustDays: number): Safe {
  return html`<p>${INSTRUCTIONS[factor.kind]}${factor.hint !== null && html` <strong>${factor.hint}</strong>`}</p>
${textField({ name: 'code', label: 'Code', type: 'text', autocomplete: 'one-time-code', value: '' }, faults)}
${trustField(trustDays)}
<button type="submit">Continue</button>
`;
}

const INSTRUCTIONS: Record<FactorOption['kind'], string> = {
  totp: 'Open your authenticator app and type the code that it shows.',
  email: 'We have mailed a code to',
  sms: 'We have texted a code to',
  recoveryCode: 'Type one of your recovery codes. It works once.',
  webauthn: 'Use your passkey.',
};

function labelOf({ kind, name, hint }: FactorOption): string {
  switch (kind) {
    case 'totp':
      return `Use the app ${name}`;
    case 'email':
      return `Mail a code to ${hint ?? 'you'}`;
    case 'sms':
      return `Text a code to ${hint ?? 'you'}`;
    case 'webauthn':
      return `Use the passkey ${name}`;
    default:
      return 'Use a recovery code';
  }
}
