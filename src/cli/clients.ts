import { AppError } from '../errors.js';
import { createClient, deleteClient, type NewClient } from '../identity/clients/clients.js';
import { rotateClientSecret } from '../identity/clients/rotateClientSecret.js';
import {
  type Client,
  type GrantType,
  TOKEN_ENDPOINT_AUTH_METHODS,
  type TokenEndpointAuthMethod,
} from '../models/client.js';
import type { CommonOptions } from './commands/command.js';
import { EXIT } from './exitCodes.js';
import { cell, listing, print, table } from './output.js';
import { withHouse } from './withHouse.js';

export interface CreateClientOptions extends CommonOptions {
  readonly redirectUri?: string[];
  readonly postLogoutRedirectUri?: string[];
  readonly grant?: string[];
  readonly scope?: string[];
  readonly role?: string[];
  readonly authMethod?: string;
  readonly public?: boolean;
  readonly firstParty?: boolean;
}

export interface RotateSecretOptions extends CommonOptions {
  readonly grace?: string;
  readonly revokeTokens?: boolean;
}

/** Prints every client. Answers the exit code. */
export async function listClients({ config, json }: CommonOptions): Promise<number> {
  const clients = await withHouse(config, ({ models }) =>
    models.clients.find().sort({ createdAt: 1, _id: 1 }).lean<Client[]>(),
  );
  const rows = clients.map(({ _id, name, status, grantTypes, declared }) =>
    [_id, name, declared ? `${status}, declared` : status, grantTypes].map(cell),
  );
  print(json, { clients: clients.map(toldOf) }, table(['client_id', 'name', 'status', 'grants'], rows));
  return EXIT.ok;
}

/** Prints one client. @throws AppError NOT_FOUND. Answers the exit code. */
export async function showClient(clientId: string, { config, json }: CommonOptions): Promise<number> {
  const client = await withHouse(config, ({ models }) => models.clients.findById(clientId).lean<Client>());
  if (!client) throw new AppError('NOT_FOUND', `there is no client ${clientId}`);
  const told = toldOf(client);
  print(json, told, listing(told));
  return EXIT.ok;
}

/** Registers a client; its secret is printed here and nowhere again. Answers the exit code. */
export async function createClientFromOptions(name: string, options: CreateClientOptions): Promise<number> {
  const input = newClient(name, options);
  const { client, secret } = await withHouse(options.config, (deps, { actor, origin }) =>
    createClient(deps, input, actor, origin),
  );
  const told = { client_id: client._id, ...(secret !== null && { client_secret: secret }) };
  print(options.json, told, listing(told));
  return EXIT.ok;
}

/** Gives a client a new secret, printed here and nowhere again. Answers the exit code. */
export async function rotateSecretFromOptions(
  clientId: string,
  options: RotateSecretOptions,
): Promise<number> {
  const rotation = {
    clientId,
    graceSeconds: Number(options.grace ?? 0),
    revokeTokens: options.revokeTokens === true,
  };
  const { secret } = await withHouse(options.config, (deps, { actor, origin }) =>
    rotateClientSecret(deps, rotation, actor, origin),
  );
  const told = { client_id: clientId, client_secret: secret };
  print(options.json, told, listing(told));
  return EXIT.ok;
}

/** Removes a client with its tokens. Answers the exit code. */
export async function deleteClientById(clientId: string, { config, json }: CommonOptions): Promise<number> {
  await withHouse(config, (deps, { actor, origin }) => deleteClient(deps, clientId, actor, origin));
  print(json, { deleted: clientId }, `deleted ${clientId}`);
  return EXIT.ok;
}

/** What may be typed for a grant type, beside its full name. */
const GRANTS: Readonly<Record<string, GrantType>> = {
  authorization_code: 'authorization_code',
  refresh_token: 'refresh_token',
  client_credentials: 'client_credentials',
  password: 'password',
  device_code: 'urn:ietf:params:oauth:grant-type:device_code',
  token_exchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
};

function newClient(name: string, options: CreateClientOptions): NewClient {
  const { redirectUri = [] } = options;
  const fallback = redirectUri.length > 0 ? ['authorization_code', 'refresh_token'] : ['client_credentials'];
  return {
    name,
    grantTypes: (options.grant ?? fallback).map(grantOf),
    redirectUris: redirectUri,
    postLogoutRedirectUris: options.postLogoutRedirectUri ?? [],
    scopes: options.scope ?? [],
    roles: options.role ?? [],
    firstParty: options.firstParty === true,
    tokenEndpointAuthMethod: authMethodOf(options),
  };
}

function grantOf(typed: string): GrantType {
  const grant = Object.entries(GRANTS).find((names) => names.includes(typed))?.[1];
  if (!grant) throw new AppError('BAD_USER_INPUT', `--grant is one of ${Object.keys(GRANTS).join(', ')}`);
  return grant;
}

function authMethodOf(options: CreateClientOptions): TokenEndpointAuthMethod {
  const typed = options.public ? 'none' : (options.authMethod ?? 'client_secret_basic');
  const method = TOKEN_ENDPOINT_AUTH_METHODS.find((name) => name === typed);
  if (!method)
    throw new AppError('BAD_USER_INPUT', `--auth-method is one of ${TOKEN_ENDPOINT_AUTH_METHODS.join(', ')}`);
  return method;
}

/** What is told of a client; digests of its secrets are never read. */
function toldOf({ _id, secrets: _secrets, registrationTokenHash: _hash, ...client }: Client) {
  return { client_id: _id, ...client };
}
