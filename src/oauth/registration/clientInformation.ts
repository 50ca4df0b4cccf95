import { hasSecret } from '../../identity/clients/clientSecret.js';
import type { Registration } from '../../identity/clients/registration/registration.js';
import type { Client } from '../../models/client.js';
import { PARAMETERS } from './metadata.js';

export const REGISTRATION_PATH = '/oauth/register';

/** RFC 7591 §3.2.1 and RFC 7592 §3: all that is registered, as it is now, and what only this answer holds. */
export function clientInformation(
  issuer: string,
  { client, secret, registrationToken }: Registration,
): Record<string, unknown> {
  return {
    client_id: client._id,
    client_id_issued_at: Math.floor(client.createdAt.getTime() / 1000),
    ...(secret !== null && { client_secret: secret }),
    // Kept as a digest, so only the first answer has it; it never expires.
    ...(hasSecret(client) && { client_secret_expires_at: 0 }),
    registration_access_token: registrationToken,
    registration_client_uri: `${issuer}${REGISTRATION_PATH}/${client._id}`,
    ...metadataOf(client),
  };
}

function metadataOf(client: Client): Record<string, unknown> {
  const entries = Object.entries(PARAMETERS).map(([parameter, [kind, name]]) => {
    const value = client[name as keyof Client];
    return [parameter, kind === 'scope' ? client.scopes.join(' ') : value] as const;
  });
  return {
    ...Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== null)),
    response_types: client.grantTypes.includes('authorization_code') ? ['code'] : [],
  };
}
