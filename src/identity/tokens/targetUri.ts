const UNRESERVED = /%(?:2D|2E|5F|7E|3\d|[46][1-9A-F]|[57][\dA])/gi;

/**
 * An http(s) address without query and fragment, so that two spellings of one address are equal (RFC 3986 §6.2.2, §6.2.3;
 * RFC 9449 §4.3): lower-case host, no default port, no dot segments, no needless percent-encoding. Null for anything else.
 */
export function normaliseUri(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, origin, pathname, username, password } = new URL(text);
  if ((protocol !== 'https:' && protocol !== 'http:') || username !== '' || password !== '') return null;
  const path = pathname
    .replaceAll(UNRESERVED, (encoded) => {
      const character = decodeURIComponent(encoded);
      return /[A-Za-z0-9._~-]/.test(character) ? character : encoded;
    })
    .replaceAll(/%[\da-f]{2}/gi, (encoded) => encoded.toUpperCase());
  return `${origin}${path}`;
}
