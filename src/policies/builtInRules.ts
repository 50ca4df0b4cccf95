import { ACTS, allFieldsOf, FIELDS, USER_PROFILE } from './builtInFields.js';
import { WHOLE } from './catalog.js';
import type { Conditions, Rule } from './rule.js';

export const SELF: Conditions = { id: '{{principal.id}}' };
export const OWNED_BY_USER: Conditions = { user: '{{principal.id}}' };
export const OWNED_CLIENT: Conditions = { owner: '{{principal.id}}' };

/** One allow; `id` first and unique in its role or scope. */
export function allow(
  id: string,
  actions: readonly string[],
  subject: string,
  fields: readonly string[],
  conditions?: Conditions,
): Rule {
  return { id, effect: 'allow', actions, subject, fields, ...(conditions && { conditions }) };
}

/** Acts as a whole have no fields; `*` is how a rule speaks of them. Never beside `create` or `update`: there it is every field. */
export const ACT = [WHOLE];

/** A person's own account: what the role `user` holds, and what the scope `account` lets through. */
export const OWN_ACCOUNT: readonly Rule[] = [
  allow(
    'readSelf',
    ['read'],
    'User',
    allFieldsOf('User').filter((field) => field !== 'lockReason'),
    SELF,
  ),
  allow('updateSelf', ['update'], 'User', USER_PROFILE, SELF),
  allow('actOnSelf', ACTS.OwnUser, 'User', ACT, SELF),
  allow('readOwnSessions', ['read', 'list'], 'Session', allFieldsOf('Session'), OWNED_BY_USER),
  allow('revokeOwnSessions', ACTS.Session, 'Session', ACT, OWNED_BY_USER),
  allow(
    'readOwnRefreshFamilies',
    ['read', 'list'],
    'RefreshFamily',
    allFieldsOf('RefreshFamily'),
    OWNED_BY_USER,
  ),
  allow('readOwnEvents', ['read'], 'AuditEvent', ['id', ...FIELDS.AuditEvent.own], {
    actorId: '{{principal.id}}',
  }),
  // Who tried to get in, who was refused: nobody known, so nobody's address is told.
  allow('readEventsAboutSelf', ['read'], 'AuditEvent', ['id', ...FIELDS.AuditEvent.own], {
    objectId: '{{principal.id}}',
    actorKind: 'anonymous',
  }),
  allow('readOwnRoles', ['read'], 'Role', ['id', 'name', 'description'], {
    name: { $in: '{{principal.roles}}' },
  }),
];

/** A person's own OAuth apps: what the role `developer` adds. Trust, rights and lifetimes stay with administrators. */
export const OWN_CLIENTS: readonly Rule[] = [
  allow('readOwnClients', ['read', 'list'], 'Client', allFieldsOf('Client'), OWNED_CLIENT),
  allow('createClients', ['create'], 'Client', FIELDS.Client.metadata),
  allow('updateOwnClients', ['update'], 'Client', FIELDS.Client.metadata, OWNED_CLIENT),
  allow('actOnOwnClients', ACTS.OwnClient, 'Client', ACT, OWNED_CLIENT),
];
