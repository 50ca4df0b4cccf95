import { assetOf } from './asset.js';

/**
 * Between a page and the browser's authenticators. An element with `data-passkey` (`get` or `create`) holds the options
 * in the JSON form of WebAuthn Level 3 §5.1.8; the answer goes into the field `passkey` of its form, which is sent.
 */
const SCRIPT = `'use strict';
(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  const bytesOf = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0));
  const textOf = (buffer) =>
    buffer &&
    btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(''))
      .replace(/\\+/g, '-')
      .replace(/\\//g, '_')
      .replace(/=/g, '');
  const named = (list) => (list || []).map((one) => ({ ...one, id: bytesOf(one.id) }));
  const optionsOf = (json) => ({
    ...json,
    challenge: bytesOf(json.challenge),
    ...(json.user && { user: { ...json.user, id: bytesOf(json.user.id) } }),
    ...(json.allowCredentials && { allowCredentials: named(json.allowCredentials) }),
    ...(json.excludeCredentials && { excludeCredentials: named(json.excludeCredentials) }),
  });
  const answerOf = (credential) => {
    const { response } = credential;
    const parts = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'];
    return JSON.stringify({
      id: credential.id,
      rawId: credential.id,
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment,
      clientExtensionResults: credential.getClientExtensionResults(),
      response: {
        ...Object.fromEntries(parts.filter((part) => response[part]).map((part) => [part, textOf(response[part])])),
        ...(response.getTransports && { transports: response.getTransports() }),
      },
    });
  };
  let running = null;
  const ask = async (place, mediation) => {
    if (running) running.abort();
    running = new AbortController();
    const { signal } = running;
    const publicKey = optionsOf(JSON.parse(place.dataset.options));
    const fault = place.querySelector('[data-fault]');
    if (fault) fault.hidden = true;
    try {
      const credential =
        place.dataset.passkey === 'create'
          ? await navigator.credentials.create({ publicKey, signal })
          : await navigator.credentials.get({ publicKey, signal, ...(mediation && { mediation }) });
      if (!credential || signal.aborted) return;
      const form = place.closest('form');
      form.elements.namedItem('passkey').value = answerOf(credential);
      form.submit();
    } catch (error) {
      if (!signal.aborted && !mediation && fault) fault.hidden = false;
    }
  };
  for (const place of document.querySelectorAll('[data-passkey]')) {
    const button = place.querySelector('button');
    button.hidden = false;
    button.addEventListener('click', () => void ask(place));
    if (!place.hasAttribute('data-offered')) continue;
    const offers = PublicKeyCredential.isConditionalMediationAvailable;
    if (offers) void offers.call(PublicKeyCredential).then((can) => can && !running && ask(place, 'conditional'));
  }
})();
`;

export const passkeyScript = assetOf('text/javascript', SCRIPT);
