import { errors, type JWTPayload, jwtVerify } from 'jose';
import { isAppError } from '../../errors.js';
import { clientKeySet } from '../../identity/clients/clientKeys.js';
import type { Deps } from '../../identity/deps.js';
import { fetchOutside } from '../../identity/outbound/fetchOutside.js';
import { CLIENT_SIGNATURE_ALGORITHMS } from '../../identity/tokens/signatureAlgorithms.js';
import type { Client } from '../../models/client.js';
import { AuthorizationError } from '../errors.js';
import { LONGEST_REQUEST_CHARACTERS, Parameters } from '../parameters.js';
import { AUTHORIZATION_PARAMETERS } from './authorizationParameters.js';

/** RFC 9101 §10.8 asks for the first; the others are what clients without it write. */
const TYPES: ReadonlySet<unknown> = new Set(['oauth-authz-req+jwt', 'jwt', undefined]);
/** How far a client's clock may be off. */
const CLOCK_TOLERANCE_SECONDS = 30;
const FETCH_SECONDS = 5;
/** Values that JSON may hold as they are, instead of as text. */
const STRUCTURED: ReadonlySet<string> = new Set(['claims', 'authorization_details']);

/**
 * The parameters that a request object holds, once its client is proven to have signed it for this server (RFC 9101
 * §6.2, §6.3). They alone count: what stood beside the object is not looked at.
 * @throws AuthorizationError invalid_request_object; AppError UNAVAILABLE when the client's keys cannot be fetched
 */
export async function openRequestObject(deps: Deps, client: Client, text: string): Promise<Parameters> {
  if (text.length > LONGEST_REQUEST_CHARACTERS) throw refusal('is too long');
  if (text.split('.').length === 5) throw refusal('is encrypted, which is not supported');
  const payload = await verify(deps, client, text);
  if (payload['client_id'] !== undefined && payload['client_id'] !== client._id) {
    throw refusal('names another client');
  }
  // An assertion of private_key_jwt is signed by the same key for the same reader, but it has a subject (RFC 9101 §10.8).
  if (payload.sub === client._id) throw refusal('has a subject');
  if (payload['request'] !== undefined || payload['request_uri'] !== undefined) {
    throw refusal('holds another one (RFC 9101 section 4)');
  }
  return Parameters.of(
    AUTHORIZATION_PARAMETERS.flatMap((name) =>
      valuesOf(name, payload[name]).map((value) => [name, value] as const),
    ),
  );
}

/**
 * Fetches a request object from an address that the client has registered, where the installation allows it at all
 * (RFC 9101 §5.2, §10.4). @throws AuthorizationError request_uri_not_supported, invalid_request_uri
 */
export async function fetchRequestObject(deps: Deps, client: Client, requestUri: string): Promise<string> {
  if (!deps.config.authorization.fetchRequestObjects) {
    throw new AuthorizationError(
      'request_uri_not_supported',
      'request_uri must come from the endpoint for pushed requests',
    );
  }
  if (!(client.requestUris ?? []).includes(requestUri)) {
    throw new AuthorizationError('invalid_request_uri', 'request_uri is not registered');
  }
  const unreadable = () => new AuthorizationError('invalid_request_uri', 'request_uri could not be read');
  try {
    const { status, text } = await fetchOutside(deps, requestUri, {
      headers: { accept: 'application/oauth-authz-req+jwt' },
      maxBytes: LONGEST_REQUEST_CHARACTERS,
      timeoutSeconds: FETCH_SECONDS,
    });
    if (status !== 200) throw unreadable();
    return text.trim();
  } catch (error) {
    // One answer for every reason: which one it was would tell about our network.
    if (isAppError(error)) throw unreadable();
    throw error;
  }
}

async function verify(deps: Deps, client: Client, text: string): Promise<JWTPayload> {
  try {
    const { payload, protectedHeader } = await jwtVerify(text, await clientKeySet(deps, client), {
      algorithms: [...CLIENT_SIGNATURE_ALGORITHMS],
      issuer: client._id,
      audience: deps.config.issuer,
      requiredClaims: ['exp'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: deps.clock(),
    });
    if (!TYPES.has(protectedHeader.typ?.toLowerCase().replace(/^application\//, ''))) {
      throw refusal('is a token of another type');
    }
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) throw refusal('is not valid', error);
    // A client without keys.
    if (isAppError(error, 'INVALID_CLIENT')) throw refusal('is not valid', error);
    throw error;
  }
}

function valuesOf(name: string, value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (name === 'resource' && Array.isArray(value)) return value.map((one) => textOf(one));
  if (STRUCTURED.has(name) && typeof value === 'object') return [JSON.stringify(value)];
  return [textOf(value)];
}

function textOf(value: unknown): string {
  const isText = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  if (!isText || String(value).includes('\0')) throw refusal('holds a parameter of the wrong kind');
  return String(value);
}

function refusal(detail: string, cause?: unknown): AuthorizationError {
  return new AuthorizationError('invalid_request_object', `the request object ${detail}`, { cause });
}
