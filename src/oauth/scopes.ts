import { AppError } from '../errors.js';
import type { Client } from '../models/client.js';

// RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E ), separated by single spaces.
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/** The scopes named in a `scope` parameter, each once. @throws AppError INVALID_SCOPE when it is malformed */
export function parseScopes(scope: string): string[] {
  if (!SCOPE.test(scope)) throw new AppError('INVALID_SCOPE', 'scope is malformed');
  return [...new Set(scope.split(' '))];
}

/**
 * What a client asks for, none of it beyond what it may have. Without a `scope` parameter: everything it may have
 * (RFC 6749 §3.3, the pre-defined default). @throws AppError INVALID_SCOPE
 */
export function scopesFor(client: Pick<Client, '_id' | 'scopes'>, scope: string | undefined): string[] {
  if (scope === undefined) return [...client.scopes];
  const scopes = parseScopes(scope);
  const refused = scopes.filter((one) => !client.scopes.includes(one));
  if (refused.length > 0)
    throw new AppError('INVALID_SCOPE', `client ${client._id} may not have ${refused.length} scopes`);
  return scopes;
}
