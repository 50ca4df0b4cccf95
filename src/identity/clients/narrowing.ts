import type { Client } from '../../models/client.js';

type Rights = Pick<Client, 'scopes' | 'roles' | 'status' | 'allowedNetworks' | 'authorizationDetailsTypes'>;

/** Whether a client may do less than before: its access tokens, which say what it could, must not live on then. */
export function narrowsRights(before: Rights, after: Rights): boolean {
  return (
    (before.status === 'active' && after.status !== 'active') ||
    losesOne(before.scopes, after.scopes) ||
    losesOne(before.roles, after.roles) ||
    losesOne(before.authorizationDetailsTypes, after.authorizationDetailsTypes) ||
    losesNetwork(before.allowedNetworks, after.allowedNetworks)
  );
}

/** Documents of an earlier release lack what came later. */
const losesOne = (before: readonly string[] = [], after: readonly string[] = []): boolean =>
  before.some((one) => !after.includes(one));

/** No network named: every network. */
function losesNetwork(before: readonly string[] = [], after: readonly string[] = []): boolean {
  return after.length > 0 && (before.length === 0 || losesOne(before, after));
}
