import type { Client } from '../../../models/client.js';
import type { Deps } from '../../deps.js';
import { signingAlgorithms } from '../../keys/algorithms.js';
import { isNetwork } from '../../networks.js';
import { assertFew, fault } from './fault.js';

type Protocol = Pick<
  Client,
  | 'idTokenSignedResponseAlg'
  | 'userinfoSignedResponseAlg'
  | 'introspectionSignedResponseAlg'
  | 'authorizationSignedResponseAlg'
  | 'requireSignedRequestObject'
  | 'jwks'
  | 'jwksUri'
  | 'subjectType'
  | 'sectorIdentifierUri'
  | 'redirectUris'
  | 'authorizationDetailsTypes'
  | 'allowedNetworks'
  | 'backchannelLogoutUri'
  | 'backchannelLogoutSessionRequired'
>;

/** How the server answers this client. @throws AppError BAD_USER_INPUT */
export function assertProtocol({ config }: Pick<Deps, 'config'>, client: Protocol): void {
  assertAlgorithms(client, signingAlgorithms(config));
  assertSubjects(client);
  if (client.requireSignedRequestObject && !client.jwks && !client.jwksUri) {
    throw fault(['requireSignedRequestObject'], 'needs keys: jwks or jwksUri');
  }
  if (client.backchannelLogoutSessionRequired && !client.backchannelLogoutUri) {
    throw fault(['backchannelLogoutSessionRequired'], 'needs backchannelLogoutUri');
  }
  const types = config.authorizationDetailsTypes.map(({ type }) => type);
  assertFew(['authorizationDetailsTypes'], client.authorizationDetailsTypes);
  for (const [index, type] of client.authorizationDetailsTypes.entries()) {
    if (types.includes(type)) continue;
    throw fault(['authorizationDetailsTypes', String(index)], 'names a type that does not exist');
  }
  assertFew(['allowedNetworks'], client.allowedNetworks);
  for (const [index, network] of client.allowedNetworks.entries()) {
    if (!isNetwork(network))
      throw fault(['allowedNetworks', String(index)], 'must be a CIDR range such as 10.0.0.0/8');
  }
}

/** Secrets of clients are stored as digests, so nothing can be signed with them; and `none` signs nothing. */
function assertAlgorithms(client: Protocol, known: readonly string[]): void {
  for (const key of [
    'idTokenSignedResponseAlg',
    'userinfoSignedResponseAlg',
    'introspectionSignedResponseAlg',
    'authorizationSignedResponseAlg',
  ] as const) {
    const algorithm = client[key];
    if (algorithm && !known.includes(algorithm)) throw fault([key], `must be one of ${known.join(', ')}`);
  }
}

/** OpenID Connect Core §8.1: where the redirect URIs name several hosts, only a sector says which people are the same. */
function assertSubjects({ subjectType, sectorIdentifierUri, redirectUris }: Protocol): void {
  if (subjectType !== 'pairwise' || sectorIdentifierUri) return;
  const hosts = new Set(redirectUris.map((uri) => new URL(uri).host));
  if (hosts.size > 1) {
    throw fault(
      ['sectorIdentifierUri'],
      'is needed for pairwise subjects unless all redirect URIs have one host',
    );
  }
}
