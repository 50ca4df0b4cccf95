import type { Client } from '../../models/client.js';
import type { Deps } from '../deps.js';
import { longestAccessTokenTtlSeconds } from '../tokens/lifetimes.js';
import { assertFew, assertText, fault } from './metadata/fault.js';
import { assertProof } from './metadata/proof.js';
import { assertProtocol } from './metadata/protocol.js';
import { assertUris } from './metadata/uris.js';

/** What can be set of a client. */
export type ClientMetadata = Omit<
  Client,
  | '_id'
  | 'ownerId'
  | 'declared'
  | 'dynamicallyRegistered'
  | 'tokensValidAfter'
  | 'lastUsedAt'
  | 'createdAt'
  | 'updatedAt'
  | 'secrets'
  | 'registrationTokenHash'
>;

/** What of a client nobody has said anything about; also what clearing a value leaves. The rest is absent then. */
export const UNSET: Omit<ClientMetadata, 'name' | 'grantTypes' | 'tokenEndpointAuthMethod'> = {
  description: '',
  status: 'active',
  firstParty: false,
  redirectUris: [],
  postLogoutRedirectUris: [],
  scopes: [],
  roles: [],
  contacts: [],
  tlsClientCertificateBoundAccessTokens: false,
  dpopBoundAccessTokens: false,
  requirePushedAuthorizationRequests: false,
  requireSignedRequestObject: false,
  requestUris: [],
  subjectType: 'public',
  backchannelLogoutSessionRequired: false,
  authorizationDetailsTypes: [],
  allowedNetworks: [],
  refreshRevokesAccessTokens: false,
};

const LONGEST_NAME = 100;
const LONGEST_DESCRIPTION = 1000;
const LONGEST_CONTACT = 254;
const LONGEST_REFRESH_TTL_SECONDS = 366 * 86_400;

/**
 * Checks the metadata of RFC 7591 §2 as a whole, whatever part of it changed; asks no other machine (`assertSector` does).
 * @throws AppError BAD_USER_INPUT with the path of the first fault
 */
export function assertValidClient(deps: Pick<Deps, 'config' | 'policy'>, client: ClientMetadata): void {
  assertTexts(client);
  assertGrants(client);
  assertUris(client);
  assertProof(client);
  assertProtocol(deps, client);
  assertNames(deps, client);
  assertLifetimes(deps, client);
}

function assertTexts({ name, description, contacts }: ClientMetadata): void {
  assertText(['name'], name, LONGEST_NAME);
  if (description.length > LONGEST_DESCRIPTION) {
    throw fault(['description'], `must have at most ${LONGEST_DESCRIPTION} characters`);
  }
  assertFew(['contacts'], contacts);
  for (const [index, contact] of contacts.entries()) {
    assertText(['contacts', String(index)], contact, LONGEST_CONTACT);
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
