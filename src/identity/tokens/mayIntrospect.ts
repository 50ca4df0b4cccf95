import type { Config } from '../../config/schema.js';
import type { Client } from '../../models/client.js';
import type { AccessTokenClaims } from './accessToken.js';

/**
 * RFC 7662 §4: whether the token can be used at the API that asks. Which clients speak for an API its configuration may
 * say; an API that says nothing may be asked about by every confidential client, for a bearer token shows its claims
 * anyway. The client that a token was issued to may always ask.
 */
export function mayIntrospect(
  { resources }: Pick<Config, 'resources'>,
  caller: Pick<Client, '_id'>,
  { audience, clientId }: Pick<AccessTokenClaims, 'audience' | 'clientId'>,
): boolean {
  if (clientId === caller._id) return true;
  return audience.some((identifier) => {
    const resource = resources.find((one) => one.identifier === identifier);
    return resource?.introspectionClients?.includes(caller._id) ?? true;
  });
}
