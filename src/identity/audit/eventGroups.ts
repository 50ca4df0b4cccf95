import type { AuditEntry } from '../ports.js';

/** Like events of one flush window. */
export interface EventGroup {
  readonly entry: AuditEntry;
  /** Of the first event. */
  readonly at: Date;
  count: number;
}

/**
 * What makes two events alike: all but the moment and the request. Events with values before or after are
 * changes of their own and never alike.
 */
function likeness(entry: AuditEntry): string | null {
  if (entry.before !== undefined || entry.after !== undefined) return null;
  const { actor, origin } = entry;
  return JSON.stringify([
    entry.action,
    entry.outcome,
    entry.reason,
    [actor.kind, actor.id, actor.clientId, actor.sessionId],
    [entry.objectType, entry.objectId, entry.fields],
    [origin?.address, origin?.userAgent],
    entry.actedBy ?? origin?.actedBy,
  ]);
}

/** Collects events until they are taken, like ones as one group with a count. */
export class EventGroups {
  #groups = new Map<string, EventGroup>();
  #unlike = 0;

  get size(): number {
    return this.#groups.size;
  }

  add(entry: AuditEntry, at: Date): void {
    const key = likeness(entry) ?? `unlike:${this.#unlike++}`;
    const group = this.#groups.get(key);
    if (group) group.count += 1;
    else this.#groups.set(key, { entry, at, count: 1 });
  }

  /** All groups so far, in the order in which they began; the collection is empty afterwards. */
  take(): EventGroup[] {
    const groups = [...this.#groups.values()];
    this.#groups = new Map();
    return groups;
  }
}
