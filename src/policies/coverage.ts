import { type Catalog, type CatalogSubject, WHOLE } from './catalog.js';
import { canonical } from './covers.js';
import { describeRequirement } from './requirement.js';
import { resolveRoles } from './roles.js';
import type { Policy, Rule } from './rule.js';

/** One right of one role or scope. `extent` is empty where it holds always, else says when: `if {...} except if {...}`. */
export interface Right {
  readonly holder: 'role' | 'scope';
  readonly name: string;
  readonly action: string;
  readonly subject: string;
  /** `*` for an act as a whole. */
  readonly field: string;
  readonly extent: string;
}

/** The actions that are judged field by field; every other is an act as a whole. */
const OF_FIELDS: readonly string[] = ['read', 'create', 'update'];

/**
 * Every right that the roles (with all that they inherit) and the scopes of a policy give, in a fixed order: by type,
 * field, holder, action. Made from the rules, not from trials. A right on objects that the role cannot see is none.
 */
export function rightsOf(policy: Pick<Policy, 'roles' | 'scopes'>, catalog: Catalog): readonly Right[] {
  const holders = [
    ...[...policy.roles.keys()].map((name) => ({
      holder: 'role' as const,
      name,
      rules: resolveRoles(policy.roles, [name]).flatMap((role) => role.rules),
    })),
    ...[...policy.scopes.values()].map(({ name, rules }) => ({ holder: 'scope' as const, name, rules })),
  ].sort((left, right) => compare(left.holder, right.holder) || compare(left.name, right.name));
  return [...catalog.subjects]
    .sort(([left], [right]) => compare(left, right))
    .flatMap(([subject, known]) =>
      questionsOf(known).flatMap(({ field, action }) =>
        holders.flatMap(({ holder, name, rules }): readonly Right[] => {
          const extent = extentOf(rules, action, subject, field);
          const isSeen = action === 'create' || extentOf(rules, 'read', subject, 'id') !== null;
          return extent === null || !isSeen ? [] : [{ holder, name, action, subject, field, extent }];
        }),
      ),
    );
}

function questionsOf({ fields, actions }: CatalogSubject): readonly { field: string; action: string }[] {
  const acts = [...actions].filter((action) => action !== 'list' && !OF_FIELDS.includes(action));
  return [WHOLE, ...[...fields.keys()].sort(compare)].flatMap((field) => {
    if (field === WHOLE) return acts.map((action) => ({ field, action }));
    // A list is asked for as such; its rules speak of the id.
    const asked = field === 'id' ? ['read', 'list', 'create', 'update'] : OF_FIELDS;
    return asked.map((action) => ({ field, action }));
  });
}

function extentOf(rules: readonly Rule[], action: string, subject: string, field: string): string | null {
  const about = rules.filter(
    (rule) =>
      rule.subject === subject &&
      rule.actions.includes(action) &&
      (rule.fields.includes(field) || rule.fields.includes(WHOLE)),
  );
  const allows = about.filter((rule) => rule.effect === 'allow').map(whenOf);
  const denies = about.filter((rule) => rule.effect === 'deny').map(unlessOf);
  if (allows.length === 0 || denies.includes('')) return null;
  const when = allows.includes('') ? '' : [...new Set(allows)].sort(compare).join(' or ');
  const unless = [...new Set(denies)].sort(compare).join(' or ');
  return [when, unless === '' ? '' : `except ${unless}`].filter((part) => part !== '').join(' ');
}

/** When an allow counts; empty: always. */
function whenOf({ conditions, requires }: Rule): string {
  const parts = [conditions && `if ${canonical(conditions)}`, requires && describeRequirement(requires)];
  return parts.filter((part) => part !== undefined).join(' and ');
}

/** When a deny counts: until the session reaches what it requires. */
function unlessOf({ conditions, requires }: Rule): string {
  const lifted = requires && `until ${describeRequirement(requires).replace('needs ', '')}`;
  const parts = [conditions && `if ${canonical(conditions)}`, lifted];
  return parts.filter((part) => part !== undefined).join(' ');
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

const HEADER = `# Who may do what to which field, by the rules of the built-in roles. Written by \`npm run policy:coverage\`.
# Type.field role: action; action if {conditions}        (* is the act as a whole)
`;

/** The rights of roles as text, a line for each field and role, in a fixed order: a change of a rule is a change of lines. */
export function renderCoverage(rights: readonly Right[]): string {
  const lines = new Map<string, string[]>();
  for (const { holder, name, subject, field, action, extent } of rights) {
    if (holder !== 'role') continue;
    const head = `${subject}.${field} ${name}`;
    const right = extent === '' ? action : `${action} ${extent}`;
    lines.set(head, [...(lines.get(head) ?? []), right]);
  }
  return `${HEADER}${[...lines].map(([head, given]) => `${head}: ${given.join('; ')}\n`).join('')}`;
}

/** The rights that `renderCoverage` wrote. @throws Error that names a line it cannot have written */
export function parseCoverage(text: string): readonly Right[] {
  return text.split('\n').flatMap((line) => {
    if (line === '' || line.startsWith('#')) return [];
    const [, subject, field, name, given] = /^(\w+)\.(\w+|\*) ([\w:-]+): (.+)$/.exec(line) ?? [];
    if (subject === undefined || field === undefined || name === undefined || given === undefined) {
      throw new Error(`not a line of coverage: ${line}`);
    }
    return given.split('; ').map((right): Right => {
      const [action = '', ...rest] = right.split(' ');
      return { holder: 'role', name, action, subject, field, extent: rest.join(' ') };
    });
  });
}
