import { WHOLE } from './catalog.js';
import type { Access } from './decision.js';

/**
 * What may be done to one object, by action: what a `viewerCan` answers. `update` is true when some field may be
 * changed, `read` and `list` when the object is visible; the others are acts as a whole.
 */
export function viewerCan(access: Access, subject: string, object: object): Record<string, boolean> {
  // What could be done is asked, not done.
  const quiet = access.unwatched ?? access;
  const known = access.catalog.subjects.get(subject);
  if (known === undefined) return {};
  return Object.fromEntries(
    [...known.actions].map((action) => [action, can(quiet, action, subject, object)]),
  );
}

function can(access: Access, action: string, subject: string, object: object): boolean {
  if (action === 'read' || action === 'list') return access.decide(action, subject, object, 'id').allowed;
  if (action !== 'update') return access.decide(action, subject, object, WHOLE).allowed;
  const fields = access.catalog.subjects.get(subject)?.fields.keys() ?? [];
  return [...fields].some((field) => access.decide('update', subject, object, field).allowed);
}
