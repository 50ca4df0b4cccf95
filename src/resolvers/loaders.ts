import DataLoader from 'dataloader';
import type { Model } from 'mongoose';
import { type OpenedEvent, openEvents } from '../identity/audit/sealing.js';
import type { Deps } from '../identity/deps.js';
import { isProjectionOf } from '../identity/roleProjection.js';
import type { AuditEvent } from '../models/auditEvent.js';
import type { Client } from '../models/client.js';
import type { Models } from '../models/models.js';
import type { PolicyVersion } from '../models/policyVersion.js';
import type { RefreshFamily } from '../models/refreshFamily.js';
import type { Role } from '../models/role.js';
import type { Session } from '../models/session.js';
import type { User } from '../models/user.js';
import type { Policy } from '../policies/rule.js';
import { type NodeType, parseGlobalId } from '../schema/globalId.js';
import type { Typed } from '../schema/Node.js';

/** A stored document with the GraphQL type that it is shown as. */
export interface LoadedNode {
  readonly type: NodeType;
  readonly object: object;
}

/** A loaded document on its way to the interface `Node`. */
export function typed({ type, object }: LoadedNode): Typed<object> {
  return { ...object, __typename: type };
}

/** The documents of one request, each read once. Nothing here is judged: that is for the guard and the resolvers. */
export interface Loaders {
  readonly users: DataLoader<string, User | null>;
  readonly roles: DataLoader<string, Role | null>;
  readonly clients: DataLoader<string, Client | null>;
  readonly sessions: DataLoader<string, Session | null>;
  readonly refreshFamilies: DataLoader<string, RefreshFamily | null>;
  readonly auditEvents: DataLoader<string, AuditEvent | null>;
  /** With what its owners' keys still open. */
  readonly openedEvents: DataLoader<AuditEvent, OpenedEvent>;
  readonly refreshFamiliesBySession: DataLoader<string, RefreshFamily[]>;
  /** The object behind a global id; null when the id is malformed or nothing is there. */
  byGlobalId(globalId: string): Promise<LoadedNode | null>;
  /** Forgets an object after a write, so that what is read next is what is stored. */
  forget(type: NodeType, id: string): void;
}

/** Made once per request, which one version of the policy decides. */
export function createLoaders(deps: Pick<Deps, 'models' | 'secrets'>, policy: Policy): Loaders {
  const { models } = deps;
  const written = new Set<string>();
  const byId: Record<NodeType, DataLoader<string, object | null>> = {
    User: loaderOf(models.users),
    Role: roleLoader(models, policy, written),
    Client: loaderOf(models.clients),
    Session: loaderOf(models.sessions),
    RefreshFamily: loaderOf(models.refreshFamilies),
    AuditEvent: loaderOf(models.auditEvents),
    PolicyVersion: policyVersionLoader(models),
  };
  return {
    users: byId.User as DataLoader<string, User | null>,
    roles: byId.Role as DataLoader<string, Role | null>,
    clients: byId.Client as DataLoader<string, Client | null>,
    sessions: byId.Session as DataLoader<string, Session | null>,
    refreshFamilies: byId.RefreshFamily as DataLoader<string, RefreshFamily | null>,
    auditEvents: byId.AuditEvent as DataLoader<string, AuditEvent | null>,
    openedEvents: new DataLoader((events) => openEvents(deps, events)),
    refreshFamiliesBySession: new DataLoader(async (sessionIds) => {
      const families = await models.refreshFamilies.find({ sessionId: { $in: [...sessionIds] } }).lean();
      return sessionIds.map((id) => families.filter(({ sessionId }) => sessionId === id));
    }),
    byGlobalId: async (globalId) => {
      const parsed = parseGlobalId(globalId);
      const object = parsed && (await byId[parsed.type].load(parsed.id));
      return parsed && object ? { type: parsed.type, object } : null;
    },
    forget: (type, id) => {
      byId[type].clear(id);
      if (type === 'Role') written.add(id);
    },
  };
}

const rolesOfPolicies = new WeakMap<Policy, Map<string, Role>>();

/**
 * A role changes with the policy and never else, so those that are stored as the version has them are read once for
 * all requests that it decides. What the request itself has `written` since is read anew.
 */
function roleLoader(
  { roles }: Pick<Models, 'roles'>,
  policy: Policy,
  written: ReadonlySet<string>,
): DataLoader<string, Role | null> {
  const kept = rolesOfPolicies.get(policy) ?? new Map<string, Role>();
  rolesOfPolicies.set(policy, kept);
  return new DataLoader(async (names) => {
    const read = new Map<string, Role>();
    const missing = names.filter((name) => written.has(name) || !kept.has(name));
    for (const role of missing.length === 0 ? [] : await roles.find({ _id: { $in: missing } }).lean()) {
      read.set(role._id, role);
      const definition = policy.roles.get(role._id);
      if (definition !== undefined && isProjectionOf(role, definition)) kept.set(role._id, role);
    }
    return names.map((name) => read.get(name) ?? (written.has(name) ? null : (kept.get(name) ?? null)));
  });
}

/** By the version's number, as a global id has it. */
function policyVersionLoader({ policyVersions }: Models): DataLoader<string, PolicyVersion | null> {
  return new DataLoader(async (ids) => {
    const numbers = ids.filter((id) => /^[1-9]\d{0,14}$/.test(id)).map(Number);
    const found = await policyVersions.find({ _id: { $in: numbers } }).lean();
    return ids.map((id) => found.find(({ _id }) => String(_id) === id) ?? null);
  });
}

function loaderOf<T extends { _id: string }>(model: Model<T>): DataLoader<string, T | null> {
  return new DataLoader(async (ids) => {
    const found = (await model.find({ _id: { $in: ids } } as object).lean()) as unknown as T[];
    const byId = new Map(found.map((document) => [document._id, document]));
    return ids.map((id) => byId.get(id) ?? null);
  });
}
