import { randomBytes } from 'node:crypto';
import { AppError } from '../../errors.js';
import type { Deps } from '../deps.js';

/** RFC 9126 §2.2; what follows it is 256 random bits. */
const PREFIX = 'urn:ietf:params:oauth:request_uri:';
const ID_BYTES = 32;
const FORM = /^urn:ietf:params:oauth:request_uri:([A-Za-z0-9_-]{43})$/;

/** An authorization request that its client has pushed: it was checked once, and is checked again when it is used. */
export interface PushedRequest {
  readonly clientId: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** It came as a signed request object. */
  readonly isSigned: boolean;
}

/** Whether a `request_uri` is one of ours, by its form alone; every other is an address elsewhere. */
export const isPushedRequestUri = (requestUri: string): boolean => requestUri.startsWith(PREFIX);

/** Keeps a request for its client to name, once. */
export async function pushRequest(
  deps: Pick<Deps, 'config' | 'ephemeral'>,
  request: PushedRequest,
): Promise<{ requestUri: string; expiresInSeconds: number }> {
  const id = randomBytes(ID_BYTES).toString('base64url');
  const expiresInSeconds = deps.config.authorization.pushedRequestTtlSeconds;
  await deps.ephemeral.set(keyOf(id), JSON.stringify(request), expiresInSeconds);
  return { requestUri: PREFIX + id, expiresInSeconds };
}

/**
 * Takes a pushed request: for exactly one caller, and for no client but its own, which does not use it up for the other
 * (RFC 9126 §7.3, §2.2). @throws AppError INVALID_GRANT when it is unknown, over, used, or of another client
 */
export async function takePushedRequest(
  deps: Pick<Deps, 'config' | 'ephemeral'>,
  requestUri: string,
  clientId: string,
): Promise<PushedRequest> {
  const id = FORM.exec(requestUri)?.[1];
  const stored = id === undefined ? null : await deps.ephemeral.get(keyOf(id));
  if (id === undefined || stored === null) throw refusal('it is unknown or over');
  const request = JSON.parse(stored) as PushedRequest;
  if (request.clientId !== clientId) throw refusal('it is of another client');
  const ttlSeconds = deps.config.authorization.pushedRequestTtlSeconds;
  if (!(await deps.ephemeral.setIfAbsent(`${keyOf(id)}:used`, '1', ttlSeconds))) throw refusal('it was used');
  await deps.ephemeral.delete(keyOf(id));
  return request;
}

const keyOf = (id: string) => `pushed:${id}`;

function refusal(detail: string): AppError {
  return new AppError('INVALID_GRANT', `pushed request: ${detail}`);
}
