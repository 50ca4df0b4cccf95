import type { OpenedEvent } from './sealing.js';

export const EXPORT_FORMATS = ['jsonl', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The columns of an export, by the names that the API and the policy have for them. */
const EXPORT_FIELDS = [
  'id',
  'at',
  'action',
  'outcome',
  'reason',
  'actorKind',
  'actorId',
  'clientId',
  'sessionId',
  'actedBy',
  'objectType',
  'objectId',
  'fields',
  'before',
  'after',
  'address',
  'userAgent',
  'requestId',
  'count',
  'erased',
  'chain',
  'sequence',
  'previousHash',
  'hash',
] as const;

type ExportField = (typeof EXPORT_FIELDS)[number];

/** Whether a field of one event may be told. */
export type MayRead = (field: ExportField) => boolean;

/** What stands before the first event. */
export function exportHead(format: ExportFormat): string {
  return format === 'csv' ? `${EXPORT_FIELDS.join(',')}\r\n` : '';
}

/** One event as one line; a field that may not be told, or that was erased, is null or empty. */
export function exportLine(format: ExportFormat, event: OpenedEvent, mayRead: MayRead = () => true): string {
  const values = EXPORT_FIELDS.map(
    (field) => [field, mayRead(field) ? valueOf(event, field) : null] as const,
  );
  if (format === 'jsonl') return `${JSON.stringify(Object.fromEntries(values))}\n`;
  return `${values.map(([, value]) => csvCell(value)).join(',')}\r\n`;
}

function valueOf(event: OpenedEvent, field: ExportField): unknown {
  if (field === 'id') return event._id;
  const value = event[field] ?? null;
  if ((field === 'before' || field === 'after') && value !== null) return JSON.parse(String(value));
  return value;
}

/** What a spreadsheet takes for a formula at the start of a cell, wide forms included. */
const FORMULA = /^[\s]*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/u;
const NEEDS_QUOTES = /[",\r\n\t;']/;

/** RFC 4180 §2. A text that a spreadsheet would run gets an apostrophe before it; numbers stay numbers. */
function csvCell(value: unknown): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = textOf(value);
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.join(' ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
