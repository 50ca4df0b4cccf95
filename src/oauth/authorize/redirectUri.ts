const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|\[::1\])(?::\d{1,5})?(?=[/?]|$)/;

/**
 * Whether a client registered this redirect URI: character by character (RFC 9700 §2.1, no normalising), but for the
 * port of a loopback address, which a native app learns when it starts (RFC 8252 §7.3). `localhost` is a name that may
 * lead elsewhere (§8.3), so its port counts.
 */
export function isRegisteredRedirectUri(registered: readonly string[], given: string): boolean {
  if (registered.includes(given)) return true;
  // What a URL parser would read differently is none that a browser can be sent to with an easy mind.
  if (!LOOPBACK.test(given) || !URL.canParse(given)) return false;
  return registered.some((uri) => LOOPBACK.test(uri) && withoutPort(uri) === withoutPort(given));
}

function withoutPort(uri: string): string {
  return uri.replace(LOOPBACK, (origin) => origin.replace(/:\d{1,5}$/, ''));
}
