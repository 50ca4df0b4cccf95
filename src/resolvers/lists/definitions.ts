import type { Model } from 'mongoose';
import { addressIndexOf } from '../../identity/audit/sealing.js';
import type { SecretBox } from '../../identity/deps.js';
import type { AuditEvent } from '../../models/auditEvent.js';
import type { Client } from '../../models/client.js';
import type { Models } from '../../models/models.js';
import type { PolicyVersion } from '../../models/policyVersion.js';
import type { Role } from '../../models/role.js';
import type { Session } from '../../models/session.js';
import type { User } from '../../models/user.js';
import { type NodeType, parseGlobalId, rawId } from '../../schema/globalId.js';
import type { ListField, ListFields } from './filter.js';

/** A list of one type: what it may be filtered and ordered by, and where it is stored. */
export interface ListDefinition<T> {
  readonly type: NodeType;
  readonly model: (models: Models) => Model<T>;
  readonly fields: ListFields;
  /** Of the order by id: ids begin with the time (roles: are names), and whoever sees an object may read its id. */
  readonly defaultDirection: 'ASC' | 'DESC';
}

const plain = (...names: string[]): Record<string, ListField> =>
  Object.fromEntries(names.map((name) => [name, { path: name }]));

// Contacts and usernames are indexed in a form without case.
const withoutCase = (value: string) => value.trim().normalize('NFC').toLowerCase();
const anyRawId = (value: string) => parseGlobalId(value)?.id ?? value;

export const USERS: ListDefinition<User> = {
  type: 'User',
  model: (models) => models.users,
  fields: {
    ...plain(
      'emailVerified',
      'phone',
      'phoneVerified',
      'status',
      'name',
      'familyName',
      'locale',
      'lastSignInAt',
      'deletionScheduledAt',
      'createdAt',
      'updatedAt',
    ),
    id: { path: '_id', normalize: (value) => rawId('User', value) },
    username: { path: 'usernameNormalized', normalize: withoutCase },
    email: { path: 'emailNormalized', normalize: withoutCase },
    roles: { path: 'roleAssignments.role' },
  },
  defaultDirection: 'ASC',
};

export const ROLES: ListDefinition<Role> = {
  type: 'Role',
  model: (models) => models.roles,
  fields: { ...plain('inherits', 'builtIn', 'createdAt'), name: { path: '_id' } },
  defaultDirection: 'ASC',
};

export const CLIENTS: ListDefinition<Client> = {
  type: 'Client',
  model: (models) => models.clients,
  fields: {
    ...plain('name', 'status', 'firstParty', 'scopes', 'createdAt'),
    clientId: { path: '_id' },
    owner: { path: 'ownerId', normalize: (value) => rawId('User', value) },
  },
  defaultDirection: 'ASC',
};

export const SESSIONS: ListDefinition<Session> = {
  type: 'Session',
  model: (models) => models.sessions,
  fields: {
    ...plain('clientId', 'address', 'lastUsedAt', 'expiresAt', 'revokedAt', 'createdAt'),
    user: { path: 'userId', normalize: (value) => rawId('User', value) },
  },
  defaultDirection: 'DESC',
};

const AUDIT_EVENTS: ListDefinition<AuditEvent> = {
  type: 'AuditEvent',
  model: (models) => models.auditEvents,
  fields: {
    ...plain(
      'at',
      'action',
      'outcome',
      'actorKind',
      'clientId',
      'actedBy',
      'objectType',
      'fields',
      'requestId',
    ),
    actorId: { path: 'actorId', normalize: anyRawId },
    sessionId: { path: 'sessionId', normalize: anyRawId },
    objectId: { path: 'objectId', normalize: anyRawId },
  },
  defaultDirection: 'DESC',
};

/** Addresses are stored encrypted and found by a digest that only this installation can make. */
export function auditEventsOf(secrets: SecretBox): ListDefinition<AuditEvent> {
  const normalize = (address: string) => addressIndexOf(secrets, address);
  const address: ListField = { path: 'addressIndex', plainPath: 'address', normalize };
  return { ...AUDIT_EVENTS, fields: { ...AUDIT_EVENTS.fields, address } };
}

export const POLICY_VERSIONS: ListDefinition<PolicyVersion> = {
  type: 'PolicyVersion',
  model: (models) => models.policyVersions,
  fields: plain('createdAt'),
  defaultDirection: 'DESC',
};
