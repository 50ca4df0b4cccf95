import * as oauth from 'oauth4webapi';
import type { TestApp } from '../../support/app.js';

/** What lets oauth4webapi ask a server without TLS. */
export const insecure = { [oauth.allowInsecureRequests]: true } as const;

/** The server as oauth4webapi finds it. */
export async function discover(
  { config }: Pick<TestApp, 'config'>,
  options: oauth.DiscoveryRequestOptions = {},
): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(config.issuer);
  const response = await oauth.discoveryRequest(issuer, { ...insecure, ...options });
  return oauth.processDiscoveryResponse(issuer, response);
}
