import type { Client } from '../../../models/client.js';
import { assertFew, fault } from './fault.js';

const LONGEST_URI = 2000;
const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);
/** RFC 3986 §2. Everything else is read in several ways: a backslash is a slash to browsers, and no header holds a snowman. */
const URI_CHARACTERS = /^[\w.~:/?#[\]@!$&'()*+,;=%-]+$/;
/** RFC 9110 §4.2. To a browser `https:/path` is an address of the server that sends it there: of ours. */
const WITHOUT_HOST = /^https?:(?!\/\/[^/?#])/i;

type ClientUris = Pick<
  Client,
  | 'redirectUris'
  | 'postLogoutRedirectUris'
  | 'requestUris'
  | 'logoUri'
  | 'clientUri'
  | 'policyUri'
  | 'tosUri'
  | 'jwksUri'
  | 'sectorIdentifierUri'
  | 'backchannelLogoutUri'
>;

/** Every address of a client, each by the rules of its use. @throws AppError BAD_USER_INPUT */
export function assertUris(client: ClientUris): void {
  for (const key of ['redirectUris', 'postLogoutRedirectUris'] as const) {
    assertEach(key, client[key], redirectUriFault);
  }
  assertEach('requestUris', client.requestUris, requestUriFault);
  for (const key of [
    'logoUri',
    'clientUri',
    'policyUri',
    'tosUri',
    'jwksUri',
    'sectorIdentifierUri',
  ] as const) {
    const uri = client[key];
    if (uri && !isWebUri(uri)) throw fault([key], 'must be an absolute https URI');
  }
  // OpenID Connect Back-Channel Logout §2.2: absolute, may have a query, no fragment.
  const logout = client.backchannelLogoutUri;
  if (logout && (!isWebUri(logout) || logout.includes('#'))) {
    throw fault(['backchannelLogoutUri'], 'must be an absolute https URI without a fragment');
  }
}

function assertEach(key: string, uris: readonly string[], faultOf: (uri: string) => string | null): void {
  assertFew([key], uris);
  for (const [index, uri] of uris.entries()) {
    const message = faultOf(uri);
    if (message) throw fault([key, String(index)], message);
  }
}

/**
 * RFC 6749 §3.1.2 (absolute, no fragment), RFC 8252 §7 (https, http on the loopback interface, or a private-use
 * scheme, which is a reversed domain name and so holds a dot: that leaves out `javascript:` and its like).
 */
function redirectUriFault(uri: string): string | null {
  if (!isAbsolute(uri)) return 'must be an absolute URI';
  if (uri.includes('#')) return 'must have no fragment';
  const url = new URL(uri);
  if (url.username || url.password) return 'must have no user name or password';
  if (url.hostname.includes('*')) return 'must have no wildcard';
  if (url.protocol === 'https:') return null;
  if (url.protocol === 'http:') {
    return LOOPBACK_HOSTS.has(url.hostname) ? null : 'http is for loopback addresses only';
  }
  return url.protocol.includes('.')
    ? null
    : 'must be https, http on a loopback address, or a private-use scheme';
}

/** OpenID Connect Registration §2: a fragment may hold the digest of what lies there. */
function requestUriFault(uri: string): string | null {
  return isWebUri(uri) ? null : 'must be an absolute https URI';
}

function isWebUri(uri: string): boolean {
  if (!isAbsolute(uri)) return false;
  const { protocol, hostname, username, password } = new URL(uri);
  if (username || password) return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK_HOSTS.has(hostname));
}

function isAbsolute(uri: string): boolean {
  const isPlain = uri.length <= LONGEST_URI && URI_CHARACTERS.test(uri) && !WITHOUT_HOST.test(uri);
  return isPlain && URL.canParse(uri);
}
