import { isByMessage } from '../identity/factors/messageCodes.js';
import type { SignInOutcome } from '../identity/signIn/outcome.js';
import { errorSummary, type Fault, textField } from './fields.js';
import { requestField } from './flow.js';
import { choice } from './formBody.js';
import { html, type Safe } from './html.js';
import type { View } from './layout.js';
import type { Visit } from './page.js';
import { passkeyField } from './passkeyField.js';
import { ENROL_PATH } from './signInPaths.js';

type Asked = Extract<SignInOutcome, { kind: 'enrolmentRequired' }>;

/** What a button that begins an enrolment is named after. */
export const SET_UP = 'setUp:';

type Kind = Asked['kinds'][number];

const LABELS: Record<Kind, string> = {
  totp: 'Use an authenticator app',
  webauthn: 'Use a passkey or security key',
  sms: 'Use codes by text message',
  email: 'Use codes by e-mail',
};
const SEND_AGAIN = 'Send another code';

/** Lets a person set up what is demanded of them, on their way in. Seed and picture are shown once. */
export function enrolView({ form }: Visit, id: string, asked: Asked): View {
  const faults = asked.wrongAnswer ? [faultOf(asked)] : [];
  const begun = asked.setUp?.kind;
  const buttons = asked.kinds.filter((kind) => kind !== begun || isByMessage(begun));
  return {
    title: 'Set up a second step',
    passkeys: asked.setUp?.kind === 'webauthn',
    ...(asked.wrongAnswer && { status: 400, hasFaults: true }),
    body: html`${errorSummary(faults)}
<p>Your account needs more than a password. You set it up once.</p>
${form(
  html`${requestField(id)}
<input type="hidden" name="transaction" value="${asked.transaction}">
<input type="hidden" name="passkey" value="">
${answerField(asked, faults)}
${buttons.map(
  (kind) =>
    html`<button type="submit"${asked.setUp && html` class="secondary"`} name="${choice(SET_UP + kind)}" value="1" formnovalidate>${kind === begun ? SEND_AGAIN : LABELS[kind]}</button>\n`,
)}`,
  ENROL_PATH,
)}`,
  };
}

/** After a wrong code the app has the seed already; it is not shown again. */
function answerField({ setUp, wrongAnswer }: Asked, faults: readonly Fault[]): Safe {
  if (setUp?.kind === 'webauthn') {
    return html`<input type="hidden" name="code" value="">
${passkeyField('create', setUp.options, { label: 'Set up the passkey', without: 'A passkey needs JavaScript.' })}`;
  }
  if (setUp === null && !wrongAnswer) return html`<input type="hidden" name="code" value="">`;
  if (setUp && setUp.kind !== 'totp') {
    return html`<p>We sent a code${setUp.hint !== null && html` to <strong>${setUp.hint}</strong>`}.</p>
${textField({ name: 'code', label: 'Code', type: 'text', autocomplete: 'one-time-code', value: '' }, faults)}
<button type="submit">Continue</button>
`;
  }
  return html`${setUp && seedPart(setUp)}
${textField({ name: 'code', label: 'Code that the app shows', type: 'text', autocomplete: 'one-time-code', value: '' }, faults)}
<button type="submit">Continue</button>
`;
}

function seedPart(setUp: Extract<NonNullable<Asked['setUp']>, { kind: 'totp' }>): Safe {
  const picture = `data:image/svg+xml;base64,${Buffer.from(setUp.qrCodeSvg).toString('base64')}`;
  const groups = setUp.seed.match(/.{1,4}/g) ?? [];
  return html`<p>Scan this with your authenticator app.</p>
<img class="qr" src="${picture}" alt="QR code for the authenticator app; the key below says the same." width="240" height="240">
<details><summary>Type the key instead</summary><p class="code key">${groups.join(' ')}</p></details>
`;
}

function faultOf({ kinds, setUp }: Asked): Fault {
  if (isByMessage(setUp?.kind)) {
    return { field: 'code', text: 'This is not right. Type the code of the newest message.' };
  }
  const text = kinds.includes('totp')
    ? 'This is not right. Type the code that the app shows now.'
    : 'This was not accepted. Try again.';
  return { field: 'code', text };
}
