import type { AuditEvent } from '../../models/auditEvent.js';
import type { Client } from '../../models/client.js';
import type { Consent } from '../../models/consent.js';
import type { RefreshFamily } from '../../models/refreshFamily.js';
import type { Session } from '../../models/session.js';
import { openEvents } from '../audit/sealing.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { requireUser } from './userChange.js';

/** Newest first; who needs more of the trail asks the people who keep it. */
const EXPORTED_EVENTS = 10_000;

/**
 * Everything that is kept about a person, as one JSON document (GDPR Art. 15 and 20), without secrets. Of audit events
 * about them that others caused, the others' addresses and devices are left out; so is why somebody locked the
 * account, which its owner may not read anywhere.
 * @throws AppError NOT_FOUND
 */
export async function exportAccountData(
  deps: Pick<Deps, 'models' | 'clock' | 'audit' | 'secrets'>,
  userId: string,
  origin: RequestOrigin,
): Promise<object> {
  const { models } = deps;
  const user = await requireUser(deps, userId);
  const [sessions, families, consents, clients, events] = await Promise.all([
    models.sessions.find({ userId }).sort({ _id: 1 }).lean<Session[]>(),
    models.refreshFamilies.find({ userId }).sort({ createdAt: 1 }).lean<RefreshFamily[]>(),
    models.consents.find({ userId }).sort({ _id: 1 }).lean<Consent[]>(),
    models.clients.find({ ownerId: userId }).sort({ _id: 1 }).lean<Client[]>(),
    models.auditEvents
      .find({ $or: [{ actorId: userId }, { objectId: userId }] })
      .sort({ _id: -1 })
      .limit(EXPORTED_EVENTS)
      .lean<AuditEvent[]>(),
  ]);
  await deps.audit.record({
    action: 'user.exportData',
    outcome: 'success',
    actor: { kind: 'user', id: userId },
    origin,
    objectType: 'User',
    objectId: userId,
  });
  const { _id, emailNormalized: _email, usernameNormalized: _name, lockReason: _reason, ...account } = user;
  return {
    format: 'fieldgate.account.v1',
    exportedAt: deps.clock(),
    account: { id: _id, ...account },
    sessions: sessions.map(({ _id: id, userId: _user, ...session }) => ({ id, ...session })),
    grants: families.map(
      ({ clientId, sessionId, scopes, resources, createdAt, rotatedAt, expiresAt, revokedAt }) => ({
        clientId,
        sessionId,
        scopes,
        resources,
        grantedAt: createdAt,
        lastRefreshedAt: rotatedAt,
        expiresAt,
        revokedAt: revokedAt ?? null,
      }),
    ),
    consents: consents.map(({ clientId, scopes, refusedScopes, claims, refusedClaims, grantedAt }) => ({
      clientId,
      scopes,
      refusedScopes,
      claims: claims ?? [],
      refusedClaims: refusedClaims ?? [],
      grantedAt,
    })),
    clients: clients.map(({ _id: clientId, ...client }) => ({ clientId, ...client })),
    auditEvents: (await openEvents(deps, events)).map((event) => exportedEvent(event, userId)),
  };
}

function exportedEvent(event: AuditEvent, userId: string): object {
  const { _id: id, at, action, outcome, objectType, objectId, fields, before, after } = event;
  const values = { before: withoutLockReason(before), after: withoutLockReason(after) };
  const told = { id, at, action, outcome, objectType, objectId, fields, ...values };
  const own = event.actorId === userId || event.actorKind === 'anonymous';
  return own ? { ...told, address: event.address, userAgent: event.userAgent } : told;
}

function withoutLockReason(values: string | undefined | null): string | undefined | null {
  if (!values?.includes('lockReason')) return values;
  const { lockReason: _reason, ...told } = JSON.parse(values) as Record<string, unknown>;
  return JSON.stringify(told);
}
