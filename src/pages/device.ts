import { basePathOf } from '../http/basePath.js';
import { browserKeyOf } from '../http/browserKey.js';
import { keepPending } from '../identity/authorization/pending.js';
import { readUserCode, showUserCode } from '../identity/device/userCode.js';
import { QR_PATH } from './deviceQr.js';
import { errorSummary, type Fault, textField } from './fields.js';
import { DEVICE_CONFIRM_PATH, onwards, pageAddress } from './flow.js';
import { html, type Safe } from './html.js';
import type { View } from './layout.js';
import type { Page, Visit } from './page.js';

/**
 * `/device` and `/device?user_code=…`: a person types, or only checks, the code that a device shows (RFC 8628 §3.3).
 * Whether a device waits under it is said only to somebody who has signed in, on the next page.
 */
export const devicePage: Page<'user_code'> = {
  path: '/device',

  show(visit) {
    const { user_code: given } = visit.request.query as Record<string, unknown>;
    const code = typeof given === 'string' ? readUserCode(given) : null;
    return formView(visit, code === null ? '' : showUserCode(code), []);
  },

  submission: {
    fields: ['user_code'],
    limit: 'userCode',
    async handle(visit, { user_code: typed }) {
      const userCode = readUserCode(typed);
      if (userCode === null) {
        const text = 'A code has eight letters, as in WDJB-MJHT.';
        return formView(visit, typed, [{ field: 'user_code', text }]);
      }
      const id = await keepPending(
        visit.deps,
        'device',
        browserKeyOf(visit.request, visit.reply, visit.deps.config),
        { userCode },
      );
      return onwards(pageAddress(visit, DEVICE_CONFIRM_PATH, id));
    },
  },
};

function formView(visit: Visit, value: string, faults: readonly Fault[]): View {
  return {
    title: 'Connect a device',
    ...(faults.length > 0 && { status: 400, hasFaults: true }),
    body: html`${errorSummary(faults)}
<p>${value === '' || faults.length > 0 ? 'Type the code that your device shows.' : 'Check that your device shows this code.'} Only go on if the device is yours and in front of you.</p>
${visit.form(html`${textField({ name: 'user_code', label: 'Code on the device', type: 'text', autocomplete: 'off', value }, faults)}
<button type="submit">Continue</button>`)}
${value !== '' && faults.length === 0 && otherScreen(visit, value)}`,
  };
}

/** For a device that opened this page itself: a television is no place for a password. */
function otherScreen({ deps }: Visit, code: string): Safe {
  const address = `${basePathOf(deps.config)}${QR_PATH}.svg?user_code=${code}`;
  return html`<details class="below">
<summary>Continue on your phone instead</summary>
<p class="quiet">Scan this with the camera of your phone.</p>
<img class="qr" src="${address}" width="240" height="240" alt="QR code that leads to this page with the code ${code}">
</details>`;
}
