import { isHarmlessValue, isSecretName, MASK } from '../identity/audit/secretNames.js';

const MAX_DEPTH = 6;

// Members that hold whatever the caller sent. Their content is never logged, whatever it looks like.
const CALLER_CONTENT = new Set(['body', 'rawbody', 'payload', 'variables', 'form']);
const OMITTED = '[omitted]';

const HEADERS_LOGGED = new Set([
  'accept',
  'content-length',
  'content-type',
  'host',
  'origin',
  'retry-after',
  'user-agent',
  'x-request-id',
]);

/** The headers that may be logged: an allow-list, so that a new credential header is safe by default. */
export function loggedHeaders(headers: object): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (HEADERS_LOGGED.has(name.toLowerCase())) kept[name] = value;
  }
  return kept;
}

/** The path of a URL: query strings carry tokens and codes. */
export function loggedUrl(url: string): string {
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function maskValue(name: string, value: unknown, depth: number): unknown {
  if (isSecretName(name) && !isHarmlessValue(name, value)) return MASK;
  if (typeof value !== 'object' || value === null) return value;
  const lower = name.toLowerCase();
  if (CALLER_CONTENT.has(lower)) return OMITTED;
  if (lower.endsWith('headers')) return loggedHeaders(value);
  if (depth >= MAX_DEPTH) return '[deep]';
  if (Array.isArray(value)) return value.map((item) => maskValue('', item, depth + 1));
  // Errors, requests and replies are left to their serializers, dates and ids to JSON.
  return isPlain(value) ? maskMembers(value, depth + 1) : value;
}

function maskMembers(fields: object, depth: number): Record<string, unknown> {
  const masked: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) masked[name] = maskValue(name, value, depth);
  return masked;
}

/** A copy of a log record without the values under secret names, without bodies, with only harmless headers. */
export function maskFields(fields: object): Record<string, unknown> {
  return maskMembers(fields, 0);
}
