import { type Catalog, WHOLE } from './catalog.js';
import { type Right, rightsOf } from './coverage.js';
import { canonical } from './covers.js';
import type { Policy } from './rule.js';

/** A right that one policy gives and the other does not, or gives under other conditions. */
export interface RightChange extends Omit<Right, 'extent'> {
  readonly kind: 'gained' | 'lost' | 'changed';
  /** When it held; null: never, empty: always. */
  readonly before: string | null;
  readonly after: string | null;
}

/** Names of what was put, taken away and made otherwise. */
export interface NameChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

export interface PolicyDiff {
  readonly roles: NameChanges;
  readonly scopes: NameChanges;
  readonly rights: readonly RightChange[];
}

/** What differs between two policies: in what they are written of, and in what that comes to. */
export function diffPolicies(
  catalog: Catalog,
  before: Pick<Policy, 'roles' | 'scopes'>,
  after: Pick<Policy, 'roles' | 'scopes'>,
): PolicyDiff {
  return {
    roles: diffNames(before.roles, after.roles),
    scopes: diffNames(before.scopes, after.scopes),
    rights: diffRights(rightsOf(before, catalog), rightsOf(after, catalog)),
  };
}

function diffNames(before: ReadonlyMap<string, object>, after: ReadonlyMap<string, object>): NameChanges {
  const kept = [...after.keys()].filter((name) => before.has(name));
  return {
    added: [...after.keys()].filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)),
    changed: kept.filter((name) => canonical(before.get(name)) !== canonical(after.get(name))),
  };
}

/** The rights that differ: those of `after` in their order, then those that are gone. */
export function diffRights(before: readonly Right[], after: readonly Right[]): readonly RightChange[] {
  const was = new Map(before.map((right) => [keyOf(right), right]));
  const is = new Set(after.map(keyOf));
  const changes = after.flatMap((right): readonly RightChange[] => {
    const old = was.get(keyOf(right))?.extent ?? null;
    const { extent, ...rest } = right;
    if (old === extent) return [];
    return [{ ...rest, kind: old === null ? 'gained' : 'changed', before: old, after: extent }];
  });
  const lost = before
    .filter((right) => !is.has(keyOf(right)))
    .map(({ extent, ...rest }): RightChange => ({ ...rest, kind: 'lost', before: extent, after: null }));
  return [...changes, ...lost];
}

function keyOf({ holder, name, action, subject, field }: Right): string {
  return [holder, name, action, subject, field].join('\u0000');
}

/** Whether the change may give something: a right under other conditions counts, unless it held always before. */
export function widens({ kind, before }: RightChange): boolean {
  return kind === 'gained' || (kind === 'changed' && before !== '');
}

/** "`auditor` can now read User.phone" */
export function describeChange({
  holder,
  name,
  kind,
  action,
  subject,
  field,
  before,
  after,
}: RightChange): string {
  const who = holder === 'role' ? `\`${name}\` can` : `scope \`${name}\` lets through`;
  const what = `${action} ${field === WHOLE ? subject : `${subject}.${field}`}`;
  const when = (extent: string | null) => (extent === null || extent === '' ? '' : ` ${extent}`);
  if (kind === 'lost') return holder === 'role' ? `${who} no longer ${what}` : `${who} no more: ${what}`;
  const colon = holder === 'role' ? '' : ':';
  if (kind === 'gained') return `${who} now${colon} ${what}${when(after)}`;
  const always = (extent: string | null) => when(extent) || ' always';
  return `${who} now${colon} ${what}${always(after)}, before${always(before)}`;
}

/** The whole difference as text, a sentence a line; empty where there is none. */
export function describeDiff({ roles, scopes, rights }: PolicyDiff): string {
  const named = (noun: string, { added, removed, changed }: NameChanges) => [
    ...added.map((name) => `${noun} \`${name}\` is new`),
    ...removed.map((name) => `${noun} \`${name}\` is gone`),
    ...changed.map((name) => `${noun} \`${name}\` is changed`),
  ];
  return [...named('role', roles), ...named('scope', scopes), ...rights.map(describeChange)].join('\n');
}
