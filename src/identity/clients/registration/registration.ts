import { AppError, isAppError } from '../../../errors.js';
import type { Client } from '../../../models/client.js';
import { recordRefusal } from '../../audit/refusals.js';
import type { Deps } from '../../deps.js';
import type { RequestOrigin } from '../../ports.js';
import { type ClientPatch, createClient, deleteClient, type NewClient, updateClient } from '../clients.js';
import { fault } from '../metadata/fault.js';
import { digestOf, makeToken, returnInitialAccessToken, useInitialAccessToken } from './initialAccess.js';

type RegistrationDeps = Pick<
  Deps,
  'audit' | 'clock' | 'config' | 'denylist' | 'ephemeral' | 'models' | 'policy'
>;

/** What a client may say of itself: no trust, no rights of its own, no lifetimes. */
export type OwnMetadata = Omit<
  NewClient,
  | 'ownerId'
  | 'firstParty'
  | 'roles'
  | 'allowedNetworks'
  | 'authorizationDetailsTypes'
  | 'accessTokenTtlSeconds'
  | 'refreshTokenTtlSeconds'
  | 'registrationTokenHash'
>;

/** A registered client as its holder learns it; secret and token are shown here once. */
export interface Registration {
  readonly client: Client;
  readonly secret: string | null;
  readonly registrationToken: string;
}

/**
 * Registers a client that asks for itself (RFC 7591 §3). Where an initial access token is needed, one use of it is taken
 * first and given back when no client came of it.
 * @throws AppError INVALID_TOKEN for a token that is missing, unknown, expired or used up; BAD_USER_INPUT
 */
export async function registerClient(
  deps: RegistrationDeps,
  metadata: OwnMetadata,
  initialToken: string | null,
  origin: RequestOrigin,
): Promise<Registration> {
  if (deps.config.registration.mode === 'open') return register(deps, metadata, origin);
  if (initialToken === null || !(await useInitialAccessToken(deps, initialToken))) {
    await noteRefusal(deps, 'client.register', null, origin);
    throw new AppError('INVALID_TOKEN', 'no initial access token that is good');
  }
  try {
    return await register(deps, metadata, origin);
  } catch (error) {
    // Anything else may have come after the client was stored: a use is lost then, never doubled.
    if (isAppError(error, 'BAD_USER_INPUT')) await returnInitialAccessToken(deps, initialToken);
    throw error;
  }
}

async function register(
  deps: RegistrationDeps,
  metadata: OwnMetadata,
  origin: RequestOrigin,
): Promise<Registration> {
  const registrationToken = makeToken();
  const allowed = within(deps, metadata);
  const input = { ...allowed, registrationTokenHash: digestOf(registrationToken) };
  const { client, secret } = await createClient(deps, input, { kind: 'anonymous' }, origin);
  return { client, secret, registrationToken };
}

/** The client whose registration access token this is (RFC 7592 §2.1). @throws AppError INVALID_TOKEN, one for every reason */
export async function findRegistration(
  deps: RegistrationDeps,
  clientId: string,
  token: string | null,
  origin: RequestOrigin,
): Promise<Client> {
  const client =
    token === null
      ? null
      : await deps.models.clients
          // The digest is random to whoever sends the token, so an index tells nothing by its time.
          .findOne({ _id: clientId, registrationTokenHash: digestOf(token), status: 'active' })
          .lean<Client>();
  if (client) return { ...client, secrets: [] };
  await noteRefusal(deps, 'client.manage', clientId, origin);
  throw new AppError('INVALID_TOKEN', `no registration access token of client ${clientId}`);
}

/**
 * Replaces the metadata of a client as a whole (RFC 7592 §2.2). The token changes with it: of two that use one at the
 * same time, one wins. @throws AppError INVALID_TOKEN, BAD_USER_INPUT, CONFLICT
 */
export async function replaceRegistration(
  deps: RegistrationDeps,
  clientId: string,
  token: string | null,
  metadata: OwnMetadata,
  origin: RequestOrigin,
): Promise<Registration> {
  const before = await findRegistration(deps, clientId, token, origin);
  const { tokenEndpointAuthMethod, ...patch } = within(deps, metadata);
  if (tokenEndpointAuthMethod && tokenEndpointAuthMethod !== before.tokenEndpointAuthMethod) {
    throw fault(['tokenEndpointAuthMethod'], 'cannot change');
  }
  const registrationToken = makeToken();
  const client = await updateClient(
    deps,
    clientId,
    { ...ALL_UNSET, ...patch, grantTypes: [...patch.grantTypes] },
    { kind: 'client', id: clientId, clientId },
    origin,
    { from: digestOf(token ?? ''), to: digestOf(registrationToken) },
  );
  return { client, secret: null, registrationToken };
}

/** Removes the client with all its tokens (RFC 7592 §2.3). @throws AppError INVALID_TOKEN */
export async function unregisterClient(
  deps: RegistrationDeps,
  clientId: string,
  token: string | null,
  origin: RequestOrigin,
): Promise<void> {
  await findRegistration(deps, clientId, token, origin);
  try {
    await deleteClient(deps, clientId, { kind: 'client', id: clientId, clientId }, origin);
  } catch (error) {
    // Somebody else was faster: it is gone, as was asked.
    if (!isAppError(error, 'NOT_FOUND')) throw error;
  }
}

/** RFC 7592 §2.2: what is left out is taken away. */
const ALL_UNSET: ClientPatch = {
  description: null,
  redirectUris: null,
  postLogoutRedirectUris: null,
  logoUri: null,
  clientUri: null,
  policyUri: null,
  tosUri: null,
  contacts: null,
  jwks: null,
  jwksUri: null,
  tlsClientAuthSubjectDn: null,
  tlsClientAuthSanDns: null,
  tlsClientAuthSanUri: null,
  tlsClientCertificateBoundAccessTokens: null,
  dpopBoundAccessTokens: null,
  requirePushedAuthorizationRequests: null,
  requireSignedRequestObject: null,
  requestUris: null,
  subjectType: null,
  sectorIdentifierUri: null,
  idTokenSignedResponseAlg: null,
  userinfoSignedResponseAlg: null,
  introspectionSignedResponseAlg: null,
  authorizationSignedResponseAlg: null,
  backchannelLogoutUri: null,
  backchannelLogoutSessionRequired: null,
};

/** Scopes and grants that the configuration leaves to such clients. @throws AppError BAD_USER_INPUT */
function within({ config }: Pick<Deps, 'config'>, metadata: OwnMetadata): OwnMetadata {
  const { scopes, grantTypes } = config.registration;
  const asked = metadata.scopes ?? scopes;
  if (asked.some((scope) => !scopes.includes(scope))) {
    throw fault(['scopes'], `must be of ${scopes.join(', ')}`);
  }
  const known: readonly string[] = grantTypes;
  if (metadata.grantTypes.some((grant) => !known.includes(grant))) {
    throw fault(['grantTypes'], `must be of ${known.join(', ')}`);
  }
  return { ...metadata, scopes: [...asked] };
}

function noteRefusal(
  deps: RegistrationDeps,
  action: string,
  clientId: string | null,
  origin: RequestOrigin,
): Promise<void> {
  return recordRefusal(deps, {
    action,
    outcome: 'denied',
    actor: { kind: 'anonymous' },
    origin,
    objectType: 'Client',
    ...(clientId !== null && { objectId: clientId.slice(0, 128) }),
  });
}
