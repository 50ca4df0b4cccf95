import { browserKeyOf } from '../http/browserKey.js';
import { readTrustedDevice } from '../http/cookies.js';
import type { SignInContext } from '../identity/signIn/outcome.js';
import type { Visit } from './page.js';

/**
 * What a sign-in on the pages is bound to: this browser, and what the person came for (`id`), so that what was begun for
 * one app is not finished for another that asks for more. No step that began at another door fits.
 */
export function signInContextOf({ deps, request, reply }: Visit, id: string): SignInContext {
  return {
    origin: request.origin,
    binding: `browser:${browserKeyOf(request, reply, deps.config)}:${id}`,
    trustedDevice: readTrustedDevice(request, deps.config),
  };
}
