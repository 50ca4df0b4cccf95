import type { Client } from '../../models/client.js';

type Rights = Pick<Client, 'scopes' | 'roles' | 'status'>;

/** Whether a client may do less than before: its access tokens, which say what it could, must not live on then. */
export function narrowsRights(before: Rights, after: Rights): boolean {
  return (
    (before.status === 'active' && after.status !== 'active') ||
    before.scopes.some((scope) => !after.scopes.includes(scope)) ||
    before.roles.some((role) => !after.roles.includes(role))
  );
}
