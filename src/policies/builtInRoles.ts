import { ACTS, allFieldsOf, CLIENT_WRITABLE, FIELDS, USER_WRITABLE } from './builtInFields.js';
import { ACT, allow, OWN_ACCOUNT, OWN_CLIENTS } from './builtInRules.js';
import type { RoleDefinition, Rule } from './rule.js';

const readAll: readonly Rule[] = [
  allow('readUsers', ['read', 'list'], 'User', allFieldsOf('User')),
  allow('readSessions', ['read', 'list'], 'Session', allFieldsOf('Session')),
  allow('readRefreshFamilies', ['read', 'list'], 'RefreshFamily', allFieldsOf('RefreshFamily')),
  allow('readClients', ['read', 'list'], 'Client', allFieldsOf('Client')),
  allow('readRoles', ['read', 'list'], 'Role', allFieldsOf('Role')),
  allow('readPolicyVersions', ['read', 'list'], 'PolicyVersion', allFieldsOf('PolicyVersion')),
  allow('readDecisions', ['read', 'list'], 'Decision', allFieldsOf('Decision')),
  allow('explainDecisions', ACTS.Decision, 'Decision', ACT),
  allow('readAuditEvents', ['read', 'list'], 'AuditEvent', allFieldsOf('AuditEvent')),
];

/** The roles that come with the release. Every rule lists its fields; `*` stands only for an act as a whole. */
export const BUILT_IN_ROLES: readonly RoleDefinition[] = [
  role('admin', 'Reads and writes everything.', [
    ...readAll,
    allow('createUsers', ['create'], 'User', USER_WRITABLE),
    allow('updateUsers', ['update'], 'User', USER_WRITABLE),
    allow('actOnUsers', ACTS.User, 'User', ACT),
    allow('actOnSessions', ACTS.Session, 'Session', ACT),
    allow('createClients', ['create'], 'Client', [...CLIENT_WRITABLE, 'clientId']),
    allow('updateClients', ['update'], 'Client', CLIENT_WRITABLE),
    allow('actOnClients', ACTS.Client, 'Client', ACT),
    allow('createRoles', ['create'], 'Role', ['name', 'description', 'inherits', 'rules']),
    allow('updateRoles', ['update'], 'Role', ['description', 'inherits', 'rules']),
    allow('actOnRoles', ACTS.Role, 'Role', ACT),
    allow('actOnPolicy', ACTS.PolicyVersion, 'PolicyVersion', ACT),
  ]),
  role('moderator', 'Sees who people are and where they are signed in; locks and unlocks accounts.', [
    allow('readUsers', ['read', 'list'], 'User', [
      'id',
      'username',
      'name',
      'givenName',
      'familyName',
      'nickname',
      'picture',
      'locale',
      ...FIELDS.User.email,
      ...FIELDS.User.state,
      'lockReason',
      'sessions',
    ]),
    allow('readSessions', ['read', 'list'], 'Session', allFieldsOf('Session')),
    allow('lockUsers', ['lock', 'unlock'], 'User', ACT),
  ]),
  role('user', 'Manages the own account.', OWN_ACCOUNT),
  role('developer', 'A user who registers OAuth apps and manages the own ones.', OWN_CLIENTS, ['user']),
  role('auditor', 'Reads everything, the audit trail included; writes nothing.', readAll),
];

function role(
  name: string,
  description: string,
  rules: readonly Rule[],
  inherits: readonly string[] = [],
): RoleDefinition {
  return { name, description, inherits, rules, builtIn: true };
}
