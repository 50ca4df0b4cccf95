import { z } from 'zod';
import { AppError } from '../errors.js';
import { EXPORT_FORMATS, type ExportFormat, exportLine } from '../identity/audit/exportFormat.js';
import type { ReadEvent } from '../identity/audit/readEvents.js';
import type { Access } from '../policies/decision.js';

const text = (description: string) => z.string().min(1).max(256).describe(description);

const filters = {
  action: text('As it is, or with `*` at its end: `user.*`').optional(),
  outcome: z.enum(['success', 'denied', 'failure']).optional(),
  actorId: text('Stored id').optional(),
  actedBy: text('Who acted in the name of the actor: `client:<id>` or `user:<id>`').optional(),
  objectType: text('`User`, `Client`').optional(),
  objectId: text('Stored id').optional(),
  field: text('Name of a field that was changed').optional(),
};

export const streamQuery = z.strictObject(filters);

export const exportQuery = z.strictObject({
  format: z.enum(EXPORT_FORMATS).optional().describe('Absent: jsonl'),
  from: text('ISO 8601; included').optional(),
  to: text('ISO 8601; not included').optional(),
  ...filters,
});

export type AuditFilters = z.infer<typeof streamQuery>;

const SUBJECT = 'AuditEvent';

/** The stored path and the field that the policy speaks of, by filter. */
const FILTERS = {
  action: 'action',
  outcome: 'outcome',
  actorId: 'actorId',
  actedBy: 'actedBy',
  objectType: 'objectType',
  objectId: 'objectId',
  field: 'fields',
} as const;

/** @throws AppError FORBIDDEN for who may list no event at all */
export function assertMayList(access: Access): void {
  if (access.mayEver('list', SUBJECT, 'id') && access.mayEver('read', SUBJECT, 'id')) return;
  throw new AppError('FORBIDDEN', 'list AuditEvent', { publicMessage: 'You may not read the audit trail.' });
}

/**
 * The events that the caller may list and that pass the filters. As in lists of GraphQL, a filter holds only for events
 * of which the caller may read that field: else it would tell what the answer hides.
 */
export function governedQuery(access: Access, asked: AuditFilters): Record<string, unknown> {
  const parts = [access.filter('list', SUBJECT), access.filter('read', SUBJECT)];
  for (const [name, field] of Object.entries(FILTERS)) {
    const value = asked[name as keyof AuditFilters];
    if (value === undefined) continue;
    parts.push({ [field]: conditionOf(name, value) }, access.filter('read', SUBJECT, field));
  }
  return { $and: parts };
}

/** One event as the caller may see it: what may not be read is empty. */
export function governedLine(format: ExportFormat, access: Access, { stored, opened }: ReadEvent): string {
  return exportLine(format, opened, (field) => access.decide('read', SUBJECT, stored, field).allowed);
}

function conditionOf(name: string, value: string): unknown {
  if (name !== 'action' || !value.endsWith('*')) return { $eq: value };
  return { $regex: `^${value.slice(0, -1).replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}` };
}
