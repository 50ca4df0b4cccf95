import type { ScalarKind } from './catalog.js';
import type { Principal } from './principal.js';

/** What the placeholders of one request stand for. */
export interface Facts {
  readonly principal: Principal;
  readonly now: Date;
}

/** A reference to the principal or the time, in place of a literal. */
export interface Placeholder {
  readonly name: 'principal.id' | 'principal.roles' | 'principal.attributes' | 'now';
  /** Which attribute, for `principal.attributes`. */
  readonly attribute: string;
}

const WHOLE_PLACEHOLDER = /^\{\{\s*([A-Za-z][A-Za-z0-9._-]*)\s*\}\}$/;
const ATTRIBUTE = /^principal\.attributes\.([A-Za-z][A-Za-z0-9_-]*)$/;

/** True for a text that is, or tries to hold, a placeholder. */
export function looksLikePlaceholder(text: string): boolean {
  return text.includes('{{');
}

/** Null where the text is no placeholder that exists; one must be the whole text. */
export function parsePlaceholder(text: string): Placeholder | null {
  const name = WHOLE_PLACEHOLDER.exec(text)?.[1];
  if (name === 'principal.id' || name === 'principal.roles' || name === 'now') return { name, attribute: '' };
  const attribute = name === undefined ? undefined : ATTRIBUTE.exec(name)?.[1];
  return attribute === undefined ? null : { name: 'principal.attributes', attribute };
}

/** Whether it can stand for one value of that kind; an attribute's own kind is known only when it is bound. */
export function placeholderFits(placeholder: Placeholder, kind: ScalarKind): boolean {
  if (placeholder.name === 'principal.id') return kind === 'string';
  if (placeholder.name === 'now') return kind === 'date';
  return placeholder.name === 'principal.attributes' && kind !== 'date';
}

/** Whether it can stand for the list of an `$in`. */
export function placeholderFitsList(placeholder: Placeholder, kind: ScalarKind): boolean {
  return (
    kind === 'string' &&
    (placeholder.name === 'principal.roles' || placeholder.name === 'principal.attributes')
  );
}

/** Its one value of that kind; undefined where the principal has none, or one of another kind. */
export function bindValue(placeholder: Placeholder, kind: ScalarKind, facts: Facts): unknown {
  if (placeholder.name === 'principal.id') return facts.principal.id ?? undefined;
  if (placeholder.name === 'now') return facts.now;
  const value = attributeOf(placeholder, facts);
  // NaN equals itself in a database and nothing in memory.
  return typeof value === kind && !Number.isNaN(value) ? value : undefined;
}

/** Its list of strings; undefined where the principal has none. */
export function bindList(placeholder: Placeholder, facts: Facts): readonly string[] | undefined {
  if (placeholder.name === 'principal.roles') return facts.principal.roles;
  const value = attributeOf(placeholder, facts);
  const isList = Array.isArray(value) && value.every((item) => typeof item === 'string');
  return isList ? value : undefined;
}

function attributeOf(placeholder: Placeholder, facts: Facts): unknown {
  const { attributes } = facts.principal;
  return Object.hasOwn(attributes, placeholder.attribute) ? attributes[placeholder.attribute] : undefined;
}
