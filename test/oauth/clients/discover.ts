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

/** For the clients of oauth4webapi, whose clock is the machine's: how far from it that of the server is. */
export const skewOf = ({ clock }: Pick<TestApp, 'clock'>) => ({
  [oauth.clockSkew]: Math.round((clock().getTime() - Date.now()) / 1000),
});
