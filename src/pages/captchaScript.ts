import { assetOf } from './asset.js';

/** Solves the task of a page by trying, writes the solution into the form, and says so. In the form of ALTCHA's v2. */
const SCRIPT = `'use strict';
(async () => {
  const box = document.querySelector('[data-captcha-task]');
  const field = document.querySelector('input[name="captcha"]');
  const status = box && box.querySelector('[role="status"]');
  if (!box || !field || !status) return;
  const challenge = JSON.parse(box.dataset.captchaTask);
  const { nonce, salt, cost, keyLength, keyPrefix } = challenge.parameters;
  const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
  const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const start = bytes(nonce);
  const typed = new Uint8Array(start.length + 4);
  typed.set(start);
  const counterView = new DataView(typed.buffer);
  const saltBytes = bytes(salt);
  const button = field.form.querySelector('button[type="submit"]');
  button.disabled = true;
  for (let counter = 0; ; counter += 1) {
    counterView.setUint32(start.length, counter);
    const key = await crypto.subtle.importKey('raw', typed, 'PBKDF2', false, ['deriveBits']);
    const parameters = { name: 'PBKDF2', hash: 'SHA-256', salt: saltBytes, iterations: cost };
    const derivedKey = hex(await crypto.subtle.deriveBits(parameters, key, keyLength * 8));
    if (!derivedKey.startsWith(keyPrefix)) continue;
    field.value = btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
    status.textContent = 'Done: your browser has shown that it is no program.';
    button.disabled = false;
    return;
  }
})();
`;

export const captchaScript = assetOf('text/javascript', SCRIPT);
