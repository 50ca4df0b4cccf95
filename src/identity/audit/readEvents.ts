import type { AuditEvent } from '../../models/auditEvent.js';
import type { Deps } from '../deps.js';
import { type OpenedEvent, openEvents } from './sealing.js';

/** A stored event, by which the policy decides, and what it says. */
export interface ReadEvent {
  readonly stored: AuditEvent;
  readonly opened: OpenedEvent;
}

/** Ids, without their ends: both are open where absent. */
export interface IdRange {
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}

/** Smaller than the id of any event from this moment on, larger than of any before it: ids begin with the time. */
export function idAt(moment: Date): string {
  const hex = Math.max(0, moment.getTime()).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/** At most `size` events that match `query`, oldest first, found by keyset over the id. */
export async function readEventPage(
  deps: Pick<Deps, 'models' | 'secrets'>,
  query: Record<string, unknown>,
  { after, before }: IdRange,
  size: number,
): Promise<ReadEvent[]> {
  const stored = await deps.models.auditEvents
    .find({ $and: [query, rangeQuery({ after, before })] } as object)
    .sort({ _id: 1 })
    .limit(size)
    .lean();
  const opened = await openEvents(deps, stored);
  return stored.map((event, at) => ({ stored: event, opened: opened[at] ?? { ...event, erased: [] } }));
}

/** How many `readEventPage` would give in all. */
export function countEvents(
  { models }: Pick<Deps, 'models'>,
  query: Record<string, unknown>,
  range: IdRange,
): Promise<number> {
  return models.auditEvents.countDocuments({ $and: [query, rangeQuery(range)] } as object);
}

function rangeQuery({ after, before }: IdRange): Record<string, unknown> {
  const bounds = { ...(after !== undefined && { $gt: after }), ...(before !== undefined && { $lt: before }) };
  return Object.keys(bounds).length > 0 ? { _id: bounds } : {};
}
