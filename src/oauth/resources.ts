import { AppError } from '../errors.js';
import type { Deps } from '../identity/deps.js';
import type { Client } from '../models/client.js';

/**
 * The APIs that a client names in `resource` (RFC 8707 §2): declared ones, each of which the client may use, because it may
 * have one of the scopes that the API knows; an API that names no scopes is open to every client.
 * @throws AppError INVALID_TARGET
 */
export function resourcesFor(
  { config }: Pick<Deps, 'config'>,
  client: Pick<Client, '_id' | 'scopes'>,
  named: readonly string[],
): string[] {
  for (const identifier of named) {
    const resource = config.resources.find((one) => one.identifier === identifier);
    if (!resource) throw new AppError('INVALID_TARGET', 'a resource that is not declared');
    const { scopes } = resource;
    if (scopes.length > 0 && !scopes.some((scope) => client.scopes.includes(scope))) {
      throw new AppError('INVALID_TARGET', `client ${client._id} may have no scope of ${identifier}`);
    }
  }
  return [...new Set(named)];
}
