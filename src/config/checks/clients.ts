import type { Config } from '../schema.js';
import type { CheckedFault } from './checkedFault.js';

type DeclaredClient = Config['clients'][number];

/** What grants, authentication and redirect URIs of one client must have to do with each other. */
export function clientFaults(client: DeclaredClient, path: readonly PropertyKey[]): CheckedFault[] {
  const { tokenEndpointAuthMethod: method } = client;
  const isPublic = method === 'none';
  const hasSecret = method === 'client_secret_basic' || method === 'client_secret_post';
  const may = (grant: DeclaredClient['grantTypes'][number]) => client.grantTypes.includes(grant);
  const faults: CheckedFault[] = [];
  const fault = (key: string, message: string) => faults.push({ path: [...path, key], message });

  if (hasSecret && client.secret === undefined) {
    fault('secret', 'is required, or tokenEndpointAuthMethod must be none');
  }
  if (!hasSecret && client.secret !== undefined) {
    fault('secret', `must be absent, because tokenEndpointAuthMethod is ${method}`);
  }
  if (client.jwks && client.jwksUri) fault('jwks', 'and jwksUri exclude each other');
  if (/private_key_jwt|self_signed/.test(method) && !client.jwks && !client.jwksUri) {
    fault('jwks', `or jwksUri is required, because tokenEndpointAuthMethod is ${method}`);
  }
  // RFC 8705 §2.1.2: exactly one.
  const names = [client.tlsClientAuthSubjectDn, client.tlsClientAuthSanDns, client.tlsClientAuthSanUri];
  if (method === 'tls_client_auth' && names.filter(Boolean).length !== 1) {
    fault('tlsClientAuthSubjectDn', 'or one other name of the certificate, exactly one, is required');
  }
  // RFC 6749 §4.4: client_credentials MUST only be used by confidential clients.
  if (isPublic && may('client_credentials')) {
    fault('grantTypes', 'client_credentials needs a client that authenticates');
  }
  if (may('password') && !client.firstParty) {
    fault('grantTypes', 'password is for clients with firstParty: true only');
  }
  if (may('authorization_code') && client.redirectUris.length === 0) {
    fault('redirectUris', 'authorization_code needs at least one');
  }
  return [...faults, ...uriFaults(client, path)];
}

function uriFaults(client: DeclaredClient, path: readonly PropertyKey[]): CheckedFault[] {
  return (['redirectUris', 'postLogoutRedirectUris'] as const).flatMap((key) =>
    client[key].flatMap((uri, index) => {
      // RFC 6749 §3.1.2: an absolute URI without a fragment.
      if (URL.canParse(uri) && !uri.includes('#')) return [];
      return [
        { path: [...path, key, index], message: `must be an absolute URI without a fragment, got "${uri}"` },
      ];
    }),
  );
}
