import { createHash } from 'node:crypto';
import type { AuditEvent } from '../../models/auditEvent.js';

/** `previousHash` of the first entry that a writer ever makes. */
export const GENESIS_HASH = '0'.repeat(64);

const orNull = (value: string | null | undefined): string | null => value ?? null;

/**
 * The canonical form that is hashed: a JSON array without white space, as `JSON.stringify` writes it, of
 * `["fieldgate-audit-1", chain, sequence, previousHash, _id, at, action, outcome, reason, actorKind, actorId,
 * clientId, sessionId, objectType, objectId, fields, before, after, address, userAgent, requestId, count]`,
 * where `at` is ISO 8601 in UTC with milliseconds, `fields` an array of strings, `before` and `after` the stored
 * JSON texts, and whatever is absent is null. An array in fixed order needs no rule about the order of members.
 * An event with encrypted parts begins with "fieldgate-audit-2" and ends with a list of `[subject, names, text]`; one
 * that somebody acted in with "fieldgate-audit-3", and ends with that list, empty or not, and with `actedBy`.
 */
export function canonicalEntry(event: Omit<AuditEvent, 'hash'>): string {
  const sealed = (event.sealed ?? []).map(({ subject, names, text }) => [subject, names, orNull(text)]);
  const actedBy = event.actedBy ?? [];
  const form = actedBy.length > 0 ? 3 : sealed.length > 0 ? 2 : 1;
  return JSON.stringify([
    `fieldgate-audit-${form}`,
    event.chain,
    event.sequence,
    event.previousHash,
    event._id,
    event.at.toISOString(),
    event.action,
    event.outcome,
    orNull(event.reason),
    event.actorKind,
    orNull(event.actorId),
    orNull(event.clientId),
    orNull(event.sessionId),
    orNull(event.objectType),
    orNull(event.objectId),
    event.fields,
    orNull(event.before),
    orNull(event.after),
    orNull(event.address),
    orNull(event.userAgent),
    orNull(event.requestId),
    event.count,
    ...(form > 1 ? [sealed] : []),
    ...(form > 2 ? [actedBy] : []),
  ]);
}

/** SHA-256 over the UTF-8 of the canonical form, in lower-case hex. */
export function hashEntry(event: Omit<AuditEvent, 'hash'>): string {
  return createHash('sha256').update(canonicalEntry(event), 'utf8').digest('hex');
}
