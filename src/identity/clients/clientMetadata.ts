import { AppError } from '../../errors.js';
import type { Client } from '../../models/client.js';
import type { Deps } from '../deps.js';
import { longestAccessTokenTtlSeconds } from '../tokens/lifetimes.js';

/** What can be set of a client. */
export type ClientMetadata = Pick<
  Client,
  | 'name'
  | 'description'
  | 'status'
  | 'firstParty'
  | 'tokenEndpointAuthMethod'
  | 'grantTypes'
  | 'redirectUris'
  | 'postLogoutRedirectUris'
  | 'scopes'
  | 'roles'
  | 'accessTokenTtlSeconds'
  | 'refreshTokenTtlSeconds'
  | 'logoUri'
  | 'clientUri'
  | 'policyUri'
  | 'tosUri'
  | 'contacts'
>;

const LONGEST_NAME = 100;
const LONGEST_DESCRIPTION = 1000;
const LONGEST_URI = 2000;
const MOST_ENTRIES = 50;
const LONGEST_REFRESH_TTL_SECONDS = 366 * 86_400;
const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);
const CONTROL_CHARACTERS = /\p{Cc}/u;

/**
 * Checks the metadata of RFC 7591 §2 as a whole, whatever part of it changed.
 * @throws AppError BAD_USER_INPUT with the path of the first fault
 */
export function assertValidClient(deps: Pick<Deps, 'config' | 'policy'>, client: ClientMetadata): void {
  assertTexts(client);
  assertGrants(client);
  assertUris(client);
  assertNames(deps, client);
  assertLifetimes(deps, client);
}

function assertTexts({ name, description, contacts }: ClientMetadata): void {
  if (name.trim() === '' || name.length > LONGEST_NAME || CONTROL_CHARACTERS.test(name)) {
    throw fault(['name'], `must have 1 to ${LONGEST_NAME} characters, none of them a control character`);
  }
  if (description.length > LONGEST_DESCRIPTION) {
    throw fault(['description'], `must have at most ${LONGEST_DESCRIPTION} characters`);
  }
  assertFew(['contacts'], contacts);
  for (const [index, contact] of contacts.entries()) {
    if (contact === '' || contact.length > 254 || CONTROL_CHARACTERS.test(contact)) {
      throw fault(['contacts', String(index)], 'must have 1 to 254 characters');
    }
  }
}

function assertGrants(client: ClientMetadata): void {
  const may = (grant: Client['grantTypes'][number]) => client.grantTypes.includes(grant);
  if (client.grantTypes.length === 0) throw fault(['grantTypes'], 'must name at least one grant type');
  // RFC 6749 §4.4: "The client credentials grant type MUST only be used by confidential clients."
  if (may('client_credentials') && client.tokenEndpointAuthMethod === 'none') {
    throw fault(['grantTypes'], 'client_credentials needs a client that authenticates');
  }
  if (may('password') && !client.firstParty) {
    throw fault(['grantTypes'], 'password is for first-party clients only');
  }
  if (may('authorization_code') && client.redirectUris.length === 0) {
    throw fault(['redirectUris'], 'authorization_code needs at least one');
  }
}

function assertUris(client: ClientMetadata): void {
  for (const key of ['redirectUris', 'postLogoutRedirectUris'] as const) {
    assertFew([key], client[key]);
    for (const [index, uri] of client[key].entries()) {
      const message = redirectUriFault(uri);
      if (message) throw fault([key, String(index)], message);
    }
  }
  for (const key of ['logoUri', 'clientUri', 'policyUri', 'tosUri'] as const) {
    const uri = client[key];
    if (uri && !isWebUri(uri)) throw fault([key], 'must be an absolute https URI');
  }
}

/**
 * RFC 6749 §3.1.2 (absolute, no fragment), RFC 8252 §7 (https, http on the loopback interface, or a private-use
 * scheme, which is a reversed domain name and so holds a dot: that leaves out `javascript:` and its like).
 */
function redirectUriFault(uri: string): string | null {
  if (uri.length > LONGEST_URI || !URL.canParse(uri) || CONTROL_CHARACTERS.test(uri)) {
    return 'must be an absolute URI';
  }
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

function isWebUri(uri: string): boolean {
  if (uri.length > LONGEST_URI || !URL.canParse(uri) || CONTROL_CHARACTERS.test(uri)) return false;
  const { protocol, hostname, username, password } = new URL(uri);
  if (username || password) return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK_HOSTS.has(hostname));
}

function assertNames({ policy }: Pick<Deps, 'policy'>, client: ClientMetadata): void {
  const { scopes, roles } = policy.current();
  assertFew(['scopes'], client.scopes);
  for (const [index, name] of client.scopes.entries()) {
    if (!scopes.has(name)) throw fault(['scopes', String(index)], 'names a scope that does not exist');
  }
  assertFew(['roles'], client.roles);
  for (const [index, name] of client.roles.entries()) {
    if (!roles.has(name)) throw fault(['roles', String(index)], 'names a role that does not exist');
  }
}

function assertLifetimes({ config }: Pick<Deps, 'config'>, client: ClientMetadata): void {
  const limits = {
    // Longer ones would outlive the marks on the denylist.
    accessTokenTtlSeconds: longestAccessTokenTtlSeconds(config),
    refreshTokenTtlSeconds: LONGEST_REFRESH_TTL_SECONDS,
  };
  for (const key of ['accessTokenTtlSeconds', 'refreshTokenTtlSeconds'] as const) {
    const seconds = client[key];
    if (seconds === null || seconds === undefined) continue;
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > limits[key]) {
      throw fault([key], `must be 1 to ${limits[key]} seconds`);
    }
  }
}

function assertFew(path: readonly string[], values: readonly string[]): void {
  if (values.length > MOST_ENTRIES) throw fault(path, `must have at most ${MOST_ENTRIES} entries`);
}

function fault(path: readonly string[], message: string): AppError {
  return new AppError('BAD_USER_INPUT', `client metadata: ${path.join('.')} ${message}`, {
    path,
    publicMessage: `${path[0]} ${message}`,
  });
}
