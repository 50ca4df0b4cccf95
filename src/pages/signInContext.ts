import { browserKeyOf } from '../http/browserKey.js';
import { readTrustedDevice } from '../http/cookies.js';
import type { SignInContext } from '../identity/signIn/outcome.js';
import type { Visit } from './page.js';

/** What a sign-in on the pages is bound to: this browser. */
export function signInContextOf({ deps, request, reply }: Visit): SignInContext {
  return {
    origin: request.origin,
    binding: browserKeyOf(request, reply, deps.config),
    trustedDevice: readTrustedDevice(request, deps.config),
  };
}
