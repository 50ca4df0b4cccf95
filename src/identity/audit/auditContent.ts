import { randomInt } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { AuditEvent } from '../../models/auditEvent.js';
import type { AuditEntry } from '../ports.js';
import { isSecretName, maskText } from './secretNames.js';

/** An entry as it will be stored, before it has its place in a chain. */
export type UnchainedEvent = Omit<AuditEvent, 'chain' | 'sequence' | 'previousHash' | 'hash'>;

const LONGEST_TEXT = 1024;
const LONGEST_VALUES = 16_384;

// BSON replaces lone surrogates, and the hash must be of what is stored.
const wellFormed = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');

function short(text: string | null | undefined): string | undefined {
  return text ? wellFormed(text.slice(0, LONGEST_TEXT)) : undefined;
}

/** A deep copy without the members whose names stand for secrets; flags (`hasPassword: true`) stay. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const kept = Object.entries(value).filter(
    ([name, member]) => typeof member === 'boolean' || !isSecretName(name),
  );
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutSecrets(member)]));
}

function valuesAsJson(values: object | undefined): string | undefined {
  if (values === undefined) return undefined;
  const json = wellFormed(maskText(JSON.stringify(withoutSecrets(values))));
  return json.length <= LONGEST_VALUES ? json : JSON.stringify({ omitted: 'too long', length: json.length });
}

const newest = { milliseconds: 0, seq: 0 };

/** Of two ids that this process makes in one millisecond, the later one is greater (RFC 9562 §6.2). */
function nextId(at: Date): string {
  const milliseconds = at.getTime();
  newest.seq = milliseconds === newest.milliseconds ? newest.seq + 1 : randomInt(2 ** 31);
  newest.milliseconds = milliseconds;
  return uuidv7({ msecs: milliseconds, seq: newest.seq });
}

// A server that refuses a letter names the address in its refusal, which is about nobody who acts here.
const MAIL_ADDRESS = /[^\s@"'<>()]{1,64}@[^\s@"'<>()]{1,255}/g;

function reasonOf({ reason, actor }: AuditEntry): string | undefined {
  const masked = reason && maskText(reason);
  return actor.kind === 'user' ? masked : masked?.replace(MAIL_ADDRESS, '[address]');
}

/** Fills the stored form: secrets left out, texts that a caller controls cut to a bounded length. */
export function toStoredEvent(entry: AuditEntry, at: Date, count: number): UnchainedEvent {
  const { actor, origin } = entry;
  const actedBy = entry.actedBy ?? origin?.actedBy ?? [];
  const optional = {
    reason: short(reasonOf(entry)),
    actorId: short(actor.id),
    clientId: short(actor.clientId),
    sessionId: short(actor.sessionId),
    objectType: short(entry.objectType),
    objectId: short(entry.objectId),
    before: valuesAsJson(entry.before),
    after: valuesAsJson(entry.after),
    address: short(origin?.address),
    userAgent: short(origin?.userAgent),
    requestId: short(origin?.requestId),
  };
  return {
    _id: nextId(at),
    at,
    action: entry.action,
    outcome: entry.outcome,
    actorKind: actor.kind,
    fields: [...(entry.fields ?? [])],
    count,
    ...(actedBy.length > 0 && { actedBy: actedBy.map((id) => wellFormed(id.slice(0, LONGEST_TEXT))) }),
    // An absent member, not a stored null.
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}
