import { AppError } from '../errors.js';
import type { Deps } from '../identity/deps.js';
import { knownResources } from '../identity/tokens/target.js';
import type { Client } from '../models/client.js';

/**
 * The APIs that a client names in `resource` (RFC 8707 §2): known ones, each of which the client may use, because it may
 * have one of the scopes that the API knows; an API that names no scopes is open to every client.
 * @throws AppError INVALID_TARGET
 */
export function resourcesFor(
  { config }: Pick<Deps, 'config'>,
  client: Pick<Client, '_id' | 'scopes'>,
  named: readonly string[],
): readonly string[] {
  const resources = knownResources(config, named);
  for (const { identifier, scopes } of config.resources) {
    if (!resources.includes(identifier) || scopes.length === 0) continue;
    if (scopes.some((scope) => client.scopes.includes(scope))) continue;
    throw new AppError('INVALID_TARGET', `client ${client._id} may have no scope of ${identifier}`);
  }
  return resources;
}
