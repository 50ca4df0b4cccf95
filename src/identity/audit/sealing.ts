import { createHmac } from 'node:crypto';
import { isAppError } from '../../errors.js';
import type { AuditEvent, SealedPart } from '../../models/auditEvent.js';
import type { Deps, SecretBox } from '../deps.js';
import type { UnchainedEvent } from './auditContent.js';
import { readSubjectBoxes, type SubjectBoxes } from './subjectKeys.js';

const PERSONAL = ['reason', 'before', 'after', 'address', 'userAgent'] as const;
type PersonalName = (typeof PERSONAL)[number];

/** Things of one user that the user acts on: their values are the actor's own. */
const OWN_THINGS = new Set(['Session', 'RefreshFamily', 'Consent', 'DeviceAuthorization']);

/** An event as readers see it. */
export interface OpenedEvent extends AuditEvent {
  /** The members whose values were erased with their owner's account: null, though there was something. */
  readonly erased: readonly string[];
}

/**
 * Whose each personal value is. Address and agent are the acting user's, or of the account that nobody was signed in
 * for; values and an administrator's words are those of the user that they are about. What is nobody's stays readable.
 */
function subjectsOf(event: UnchainedEvent): Partial<Record<PersonalName, string>> {
  const actor = event.actorKind === 'user' ? event.actorId : null;
  const about = event.objectType === 'User' ? event.objectId : null;
  const sender = event.actorKind === 'anonymous' ? about : actor;
  const valued = about ?? (OWN_THINGS.has(event.objectType ?? '') ? actor : null);
  const written = actor && about && actor !== about ? about : null;
  return {
    ...(sender && { address: sender, userAgent: sender }),
    ...(valued && { before: valued, after: valued }),
    ...(written && { reason: written }),
  };
}

/** Whose keys it takes to store this event. */
export function sealingSubjects(event: UnchainedEvent): string[] {
  return Object.entries(subjectsOf(event)).flatMap(([name, subject]) =>
    event[name as PersonalName] ? [subject] : [],
  );
}

/** The event as it is stored: what is personal is encrypted for its owner, or left out where the owner is gone. */
export function sealEvent(secrets: SecretBox, event: UnchainedEvent, boxes: SubjectBoxes): UnchainedEvent {
  const addressIndex = event.address ? { addressIndex: addressIndexOf(secrets, event.address) } : {};
  const bySubject = new Map<string, PersonalName[]>();
  for (const [name, subject] of Object.entries(subjectsOf(event)) as [PersonalName, string][]) {
    if (event[name]) bySubject.set(subject, [...(bySubject.get(subject) ?? []), name]);
  }
  if (bySubject.size === 0) return { ...event, ...addressIndex };

  const clear: Record<string, unknown> = { ...event };
  const isGone = (name: PersonalName) =>
    [...bySubject].some(([subject, names]) => names.includes(name) && !boxes.get(subject));
  const sealed = [...bySubject].map(([subject, names]): SealedPart => {
    for (const name of names) delete clear[name];
    const box = boxes.get(subject);
    if (!box) return { subject, names };
    const values = Object.fromEntries(names.map((name) => [name, event[name]]));
    return { subject, names, text: box.encrypt(JSON.stringify(values), contextOf(event, subject)) };
  });
  return {
    ...(clear as unknown as UnchainedEvent),
    ...(isGone('address') ? {} : addressIndex),
    sealed,
  };
}

/** What an address is found by: a digest that only this installation can make. */
export function addressIndexOf(secrets: SecretBox, address: string): string {
  return createHmac('sha256', secrets.derive('audit address index'))
    .update(address)
    .digest('base64url')
    .slice(0, 22);
}

/**
 * The event with what its owners' keys still open. A ciphertext that no key opens reads as erased: whether it was
 * tampered with is for the verification to say, and one such entry must not hide the others.
 */
export function openEvent(event: AuditEvent, boxes: SubjectBoxes): OpenedEvent {
  const opened: Record<string, unknown> = {};
  const erased: string[] = [];
  for (const { subject, names, text } of event.sealed ?? []) {
    const values = text ? valuesOf(boxes.get(subject), text, contextOf(event, subject)) : null;
    if (values) Object.assign(opened, values);
    else erased.push(...names);
  }
  return { ...event, ...opened, erased };
}

function valuesOf(box: SecretBox | null | undefined, text: string, context: string): object | null {
  if (!box) return null;
  try {
    return JSON.parse(box.decrypt(text, context)) as object;
  } catch (error) {
    if (isAppError(error, 'INTERNAL')) return null;
    throw error;
  }
}

/** The same for many, with one query. */
export async function openEvents(
  deps: Pick<Deps, 'models' | 'secrets'>,
  events: readonly AuditEvent[],
): Promise<OpenedEvent[]> {
  const subjects = new Set(events.flatMap(({ sealed }) => (sealed ?? []).map(({ subject }) => subject)));
  const boxes = await readSubjectBoxes(deps, [...subjects]);
  return events.map((event) => openEvent(event, boxes));
}

const contextOf = ({ _id }: Pick<AuditEvent, '_id'>, subject: string) => `audit event ${_id} of ${subject}`;
