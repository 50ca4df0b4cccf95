import type { FastifyRequest } from 'fastify';
import { AppError, isAppError } from '../errors.js';
import { readClientCertificate } from '../http/clientCertificate.js';
import { publicUrls } from '../http/senderEvidence.js';
import { recordRefusal } from '../identity/audit/refusals.js';
import { authenticateClient, type ClientCredentials } from '../identity/clients/authenticateClient.js';
import { claimedClientOf } from '../identity/clients/clientAssertion.js';
import type { Deps } from '../identity/deps.js';
import { CLIENT_SIGNATURE_ALGORITHMS } from '../identity/tokens/signatureAlgorithms.js';
import type { Client, TokenEndpointAuthMethod } from '../models/client.js';
import type { Parameters } from './parameters.js';

const BY_SECRET: readonly TokenEndpointAuthMethod[] = ['client_secret_basic', 'client_secret_post'];
const BY_CERTIFICATE: readonly TokenEndpointAuthMethod[] = ['tls_client_auth', 'self_signed_tls_client_auth'];
const TOKEN_PATH = '/oauth/token';
/** RFC 7523 §2.2 */
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** What discovery says of an endpoint where clients prove themselves (RFC 8414 §2): `token`, `revocation`, ... */
export function clientAuthenticationMetadata(
  endpoint: 'token' | 'revocation' | 'introspection',
  { config }: Pick<Deps, 'config'>,
): Record<string, unknown> {
  const methods = [
    ...BY_SECRET,
    'private_key_jwt',
    ...(config.mutualTls.enabled ? BY_CERTIFICATE : []),
    // RFC 7662 §2.1: who asks about tokens must prove who it is.
    ...(endpoint === 'introspection' ? [] : ['none']),
  ];
  return {
    [`${endpoint}_endpoint_auth_methods_supported`]: methods,
    [`${endpoint}_endpoint_auth_signing_alg_values_supported`]: CLIENT_SIGNATURE_ALGORITHMS,
  };
}

// What a stranger sends as a client id goes into the audit trail, so it is cut.
const CLIENT_ID_LENGTH = 128;
const REASON_LENGTH = 200;

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
  const client = await identifyClient(deps, request, parameters);
  if (client.tokenEndpointAuthMethod !== 'none') return client;
  throw new AppError('INVALID_CLIENT', 'a public client may not do this');
}

async function prove(deps: Deps, request: FastifyRequest, credentials: ClientCredentials): Promise<Client> {
  try {
    return await authenticateClient(deps, {
      ...credentials,
      ...(credentials.assertion !== undefined && { audiences: audiencesOf(deps, request) }),
      certificate: readClientCertificate(request, deps.config),
    });
  } catch (error) {
    if (isAppError(error, 'INVALID_CLIENT')) {
      await noteRefusal(deps, request, credentials.clientId, error.message);
    }
    throw error;
  }
}

/**
 * Whom an assertion may be made for: us. The issuer names us best (RFC 9700 §2.1, draft-ietf-oauth-rfc7523bis), the token
 * endpoint is what OpenID Connect Core §9 asks for, and the endpoint itself is right at the others (RFC 9126 §2).
 */
function audiencesOf({ config }: Pick<Deps, 'config'>, request: FastifyRequest): readonly string[] {
  return [config.issuer, ...publicUrls(config, TOKEN_PATH), ...publicUrls(config, request.url)];
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

function readCredentials(authorization: string | undefined, parameters: Parameters): ClientCredentials {
  const clientId = parameters.get('client_id');
  const secret = parameters.get('client_secret');
  const assertion = readAssertion(parameters);
  // RFC 6749 §2.3: "The client MUST NOT use more than one authentication method in each request."
  if ([authorization, secret, assertion].filter((each) => each !== undefined).length > 1) throw twoMethods();
  if (authorization !== undefined) {
    const basic = readBasic(authorization);
    if (clientId !== undefined && clientId !== basic.clientId) throw twoMethods();
    return basic;
  }
  if (assertion !== undefined) return readAsserted(assertion, clientId);
  if (clientId === undefined) throw new AppError('INVALID_CLIENT', 'no client credentials');
  if (secret !== undefined) return { clientId, secret, method: 'client_secret_post' };
  return { clientId, secret: null, method: 'none' };
}

/** RFC 7521 §4.2: both parameters, or none. */
function readAssertion(parameters: Parameters): string | undefined {
  const assertion = parameters.get('client_assertion');
  const type = parameters.get('client_assertion_type');
  if (assertion === undefined && type === undefined) return undefined;
  if (assertion !== undefined && type === ASSERTION_TYPE) return assertion;
  throw new AppError('INVALID_REQUEST', 'client_assertion without its type, or of another type', {
    publicMessage: `client_assertion goes with client_assertion_type=${ASSERTION_TYPE}`,
  });
}

/** RFC 7521 §4.2: a client_id beside the assertion must be that of its subject. */
function readAsserted(assertion: string, clientId: string | undefined): ClientCredentials {
  const claimed = claimedClientOf(assertion);
  if (clientId !== undefined && clientId !== claimed) {
    throw new AppError('INVALID_CLIENT', 'client_id is not the subject of the assertion');
  }
  return { clientId: claimed, secret: null, method: 'private_key_jwt', assertion };
}

function readBasic(authorization: string): ClientCredentials {
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
