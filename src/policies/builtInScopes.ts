import { ACTS, allFieldsOf, CLIENT_WRITABLE, FIELDS, USER_WRITABLE } from './builtInFields.js';
import { ACT, allow, OWN_ACCOUNT, OWN_CLIENTS, SELF } from './builtInRules.js';
import type { Rule, ScopeDefinition } from './rule.js';

const readSelf = (fields: readonly string[]) => [
  allow('readSelf', ['read'], 'User', ['id', ...fields], SELF),
];

/**
 * The scopes that come with the release. A scope gives nothing by itself: it is what a token lets through of the rights
 * of whoever it stands for. Nothing can be done to an object that the scopes do not let be seen, so each that writes
 * lets `id` be read.
 */
export const BUILT_IN_SCOPES: readonly ScopeDefinition[] = [
  scope('openid', 'Know who you are', readSelf([])),
  scope(
    'profile',
    'See your name, picture and other public details',
    readSelf([
      ...FIELDS.User.name,
      ...FIELDS.User.profile.filter((field) => field !== 'address'),
      'updatedAt',
    ]),
  ),
  scope('email', 'See your e-mail address', readSelf(FIELDS.User.email)),
  scope('phone', 'See your phone number', readSelf(FIELDS.User.phone)),
  scope('address', 'See your postal address', readSelf(['address'])),
  scope('offline_access', 'Stay signed in while you are away', []),
  scope('account', 'Manage your account, your sessions and your apps', [...OWN_ACCOUNT, ...OWN_CLIENTS]),
  scope('users:read', 'See all accounts that you may see', [
    allow('readUsers', ['read', 'list'], 'User', allFieldsOf('User')),
  ]),
  scope('users:write', 'Create, change and lock accounts', [
    allow('seeUsers', ['read'], 'User', ['id']),
    allow('createUsers', ['create'], 'User', USER_WRITABLE),
    allow('updateUsers', ['update'], 'User', USER_WRITABLE),
    allow('actOnUsers', ACTS.User, 'User', ACT),
  ]),
  scope('roles:read', 'See the roles, without their rules', [
    allow('readRoles', ['read', 'list'], 'Role', ['id', ...FIELDS.Role.summary]),
  ]),
  scope('roles:write', 'Create, describe and delete roles', [
    allow('seeRoles', ['read'], 'Role', ['id']),
    allow('createRoles', ['create'], 'Role', ['name', 'description', 'inherits']),
    allow('updateRoles', ['update'], 'Role', ['description', 'inherits']),
    allow('actOnRoles', ACTS.Role, 'Role', ACT),
  ]),
  scope('clients:read', 'See OAuth apps', [
    allow('readClients', ['read', 'list'], 'Client', allFieldsOf('Client')),
  ]),
  scope('clients:write', 'Register, change and delete OAuth apps', [
    allow('seeClients', ['read'], 'Client', ['id']),
    allow('createClients', ['create'], 'Client', [...CLIENT_WRITABLE, 'clientId']),
    allow('updateClients', ['update'], 'Client', CLIENT_WRITABLE),
    allow('actOnClients', ACTS.Client, 'Client', ACT),
  ]),
  scope('sessions:read', 'See sessions and what descends from them', [
    allow('readSessions', ['read', 'list'], 'Session', allFieldsOf('Session')),
    allow('readRefreshFamilies', ['read', 'list'], 'RefreshFamily', allFieldsOf('RefreshFamily')),
  ]),
  scope('sessions:write', 'End sessions', [
    allow('seeSessions', ['read'], 'Session', ['id']),
    allow('actOnSessions', ACTS.Session, 'Session', ACT),
    allow('seeUsers', ['read'], 'User', ['id']),
    allow('actOnUsers', ['revokeSessions', 'revokeTokens'], 'User', ACT),
  ]),
  scope('audit:read', 'Read the audit trail', [
    allow('readAuditEvents', ['read', 'list'], 'AuditEvent', allFieldsOf('AuditEvent')),
  ]),
  scope('policy:read', 'Read the rules of roles and the versions of the policy, and try drafts', [
    allow('readRules', ['read', 'list'], 'Role', ['id', ...FIELDS.Role.rules]),
    allow('readDecisions', ['read', 'list'], 'Decision', allFieldsOf('Decision')),
    allow('explainDecisions', ACTS.Decision, 'Decision', ACT),
    allow('readPolicyVersions', ['read', 'list'], 'PolicyVersion', allFieldsOf('PolicyVersion')),
    allow('tryPolicy', ['simulate', 'suggest'], 'PolicyVersion', ACT),
  ]),
  scope('policy:write', 'Change the rules of roles and publish the policy', [
    allow('seeRoles', ['read'], 'Role', ['id']),
    allow('writeRules', ['create', 'update'], 'Role', FIELDS.Role.rules),
    allow('seePolicyVersions', ['read'], 'PolicyVersion', ['id', 'version']),
    allow('publishPolicy', ['publish', 'rollback'], 'PolicyVersion', ACT),
  ]),
];

function scope(name: string, description: string, rules: readonly Rule[]): ScopeDefinition {
  return { name, description, rules };
}
