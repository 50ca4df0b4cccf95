import { html, type Safe } from './html.js';

/**
 * Part of a form by which the browser asks for a passkey; the page needs the script (`View.passkeys`). Without scripts
 * nothing of it is seen but `without`. `offered`: passkeys are offered where the name is typed (conditional UI).
 */
export function passkeyField(
  mode: 'get' | 'create',
  options: object,
  look: { readonly label: string; readonly without?: string; readonly offered?: boolean },
): Safe {
  const { label, without, offered } = look;
  return html`<div class="passkey" data-passkey="${mode}" data-options="${JSON.stringify(options)}"${offered && html` data-offered`}>
<p class="fault" role="alert" data-fault hidden>Your browser gave no passkey. Try again, or choose another way.</p>
<button type="button" id="use-passkey"${offered && html` class="secondary"`} hidden>${label}</button>
${without !== undefined && html`<noscript><p>${without}</p></noscript>`}
</div>`;
}
