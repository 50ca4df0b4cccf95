import type { FastifyRequest } from 'fastify';
import { AppError, isAppError } from '../errors.js';
import { recordRefusal } from '../identity/audit/refusals.js';
import { authenticateClient } from '../identity/clients/authenticateClient.js';
import type { Deps } from '../identity/deps.js';
import type { Client, TokenEndpointAuthMethod } from '../models/client.js';
import type { Parameters } from './parameters.js';

/** The ways of client authentication that `identifyClient` understands, for discovery. */
export const CLIENT_AUTHENTICATION_METHODS: readonly TokenEndpointAuthMethod[] = [
  'client_secret_basic',
  'client_secret_post',
  'none',
];

// What a stranger sends as a client id goes into the audit trail, so it is cut.
const CLIENT_ID_LENGTH = 128;
const REASON_LENGTH = 200;

interface Credentials {
  clientId: string;
  secret: string | null;
  method: TokenEndpointAuthMethod;
}

/**
 * The client behind the request (RFC 6749 §2.3, §3.2.1); a public client only names itself.
 * @throws AppError INVALID_REQUEST for more than one method, INVALID_CLIENT for everything else that is wrong
 */
export async function identifyClient(
  deps: Deps,
  request: FastifyRequest,
  parameters: Parameters,
): Promise<Client> {
  return prove(deps, request, readCredentials(request.headers.authorization, parameters));
}

/** The same for endpoints that a public client may not use (RFC 7662 §2.1). @throws AppError INVALID_CLIENT */
export async function identifyConfidentialClient(
  deps: Deps,
  request: FastifyRequest,
  parameters: Parameters,
): Promise<Client> {
  const credentials = readCredentials(request.headers.authorization, parameters);
  if (credentials.method === 'none') throw new AppError('INVALID_CLIENT', 'a public client may not do this');
  return prove(deps, request, credentials);
}

async function prove(deps: Deps, request: FastifyRequest, credentials: Credentials): Promise<Client> {
  try {
    return await authenticateClient(deps, credentials);
  } catch (error) {
    if (isAppError(error, 'INVALID_CLIENT')) {
      await noteRefusal(deps, request, credentials.clientId, error.message);
    }
    throw error;
  }
}

function noteRefusal(deps: Deps, request: FastifyRequest, clientId: string, reason: string): Promise<void> {
  return recordRefusal(deps, {
    action: 'client.authenticate',
    outcome: 'denied',
    actor: { kind: 'anonymous' },
    origin: request.origin,
    objectType: 'Client',
    objectId: clientId.slice(0, CLIENT_ID_LENGTH),
    reason: reason.slice(0, REASON_LENGTH),
  });
}

function readCredentials(authorization: string | undefined, parameters: Parameters): Credentials {
  const clientId = parameters.get('client_id');
  const secret = parameters.get('client_secret');
  if (authorization !== undefined) {
    // RFC 6749 §2.3: "The client MUST NOT use more than one authentication method in each request."
    if (secret !== undefined) throw twoMethods();
    const basic = readBasic(authorization);
    if (clientId !== undefined && clientId !== basic.clientId) throw twoMethods();
    return basic;
  }
  if (clientId === undefined) throw new AppError('INVALID_CLIENT', 'no client credentials');
  if (secret !== undefined) return { clientId, secret, method: 'client_secret_post' };
  return { clientId, secret: null, method: 'none' };
}

function readBasic(authorization: string): Credentials {
  const encoded = /^basic +([A-Za-z0-9+/_-]+=*)$/i.exec(authorization)?.[1];
  if (encoded === undefined) throw new AppError('INVALID_CLIENT', 'the Authorization header is not Basic');
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 1) throw new AppError('INVALID_CLIENT', 'Basic credentials without a colon or an id');
  return {
    clientId: formDecode(decoded.slice(0, colon)),
    secret: formDecode(decoded.slice(colon + 1)),
    method: 'client_secret_basic',
  };
}

/** RFC 6749 §2.3.1: id and secret are form-urlencoded before they are joined. */
function formDecode(text: string): string {
  try {
    const plain = decodeURIComponent(text.replaceAll('+', ' '));
    if (!plain.includes('\0')) return plain;
  } catch {
    // Malformed percent-encoding: refused below like every other wrong credential.
  }
  throw new AppError('INVALID_CLIENT', 'Basic credentials are not form-urlencoded');
}

function twoMethods(): AppError {
  return new AppError('INVALID_REQUEST', 'two ways of client authentication', {
    publicMessage: 'only one way of client authentication may be used',
  });
}
