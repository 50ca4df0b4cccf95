import { type Catalog, WHOLE } from './catalog.js';
import { CompiledRule } from './compiledRule.js';
import { canonical } from './covers.js';
import { resolveRoles } from './roles.js';
import type { Policy, Rule } from './rule.js';
import type { Mask, PolicySample } from './sample.js';
import { maskRule } from './sampleFacts.js';
import { type Use, usesOf } from './uses.js';

/** A right held and not used, with the rule that gives it. */
export interface UnusedRight {
  readonly role: string;
  readonly ruleId: string;
  readonly action: string;
  readonly subject: string;
  readonly fields: readonly string[];
}

export interface Suggestion {
  /** The smallest set of rules that would have sufficed. Gives nothing that the roles do not give. */
  readonly rules: readonly Rule[];
  readonly unused: readonly UnusedRight[];
  /** Decisions used to find it, and those that the roles held now would not allow any more. */
  readonly decisions: number;
  readonly unexplained: number;
}

/** A rule that could be suggested, and the same one for masked objects. */
interface Candidate {
  readonly rule: Rule;
  readonly compiled: CompiledRule;
}

/**
 * What of the rights of `roles` the allowed decisions of `samples` took: per action and field the narrowest condition,
 * of those that the policy knows, under which every use falls. Denies that bear on it are kept.
 */
export function suggestRules(options: {
  catalog: Catalog;
  policy: Policy;
  roles: readonly string[];
  samples: readonly PolicySample[];
  mask: Mask;
}): Suggestion {
  const { catalog, policy, roles, samples, mask } = options;
  const uses = samples.flatMap(usesOf);
  const holders = resolveRoles(policy.roles, roles);
  const held = holders.flatMap((role) => role.rules);
  const candidate = (rule: Rule): Candidate => ({
    rule,
    compiled: new CompiledRule(catalog, 'user', policy.version, '', maskRule(catalog, rule, mask)),
  });
  const narrower = narrowings(policy);
  const objects = groupBy(uses, ({ subject }) => subject);
  const picked: { action: string; field: string; rule: Rule }[] = [];
  let unexplained = 0;
  for (const alike of groupBy(uses, keyOf).values()) {
    const [first] = alike;
    if (first === undefined) continue;
    const { action, subject, field } = first;
    const giving = held.filter((rule) => rule.effect === 'allow' && isAbout(rule, action, subject, field));
    const candidates = giving.flatMap((rule) => narrower(rule)).map(candidate);
    const chosen = cover(candidates, alike, objects.get(subject) ?? []);
    unexplained += chosen.missed;
    for (const { rule } of chosen.of) picked.push({ action, field, rule });
  }
  const allows = join(picked);
  const used = new Set(picked.map(({ action, field, rule }) => `${action} ${rule.subject} ${field}`));
  return {
    rules: [...allows, ...keptDenies(held, allows)],
    unused: holders.flatMap(({ name, rules }) => unusedOf(catalog, name, rules, used)),
    decisions: samples.flatMap(({ questions }) => questions).reduce((sum, { count }) => sum + count, 0),
    unexplained,
  };
}

const keyOf = ({ action, subject, field }: Use) => `${action} ${subject} ${field}`;

function isAbout(rule: Rule, action: string, subject: string, field: string): boolean {
  return (
    rule.subject === subject &&
    rule.actions.includes(action) &&
    (rule.fields.includes(field) || rule.fields.includes(WHOLE))
  );
}

/** The rule itself and, where it asks no condition, the same under each condition that the policy knows for its type. */
function narrowings(policy: Policy): (rule: Rule) => readonly Rule[] {
  const rules = [...policy.roles.values(), ...policy.scopes.values()].flatMap((holder) => holder.rules);
  const conditions = groupBy(
    rules.filter((rule) => rule.effect === 'allow' && rule.conditions !== undefined),
    ({ subject }) => subject,
  );
  return (rule) => {
    if (rule.conditions !== undefined) return [rule];
    const known = new Map((conditions.get(rule.subject) ?? []).map((of) => [canonical(of.conditions), of]));
    return [rule, ...[...known.values()].map((of) => ({ ...rule, conditions: of.conditions ?? {} }))];
  };
}

/** The fewest and narrowest candidates under which every use falls; `missed` fall under none. */
function cover(
  candidates: readonly Candidate[],
  uses: readonly Use[],
  all: readonly Use[],
): { of: readonly Candidate[]; missed: number } {
  const reach = ({ compiled }: Candidate, use: Use) =>
    use.object === 'any' || (compiled.speaksOf(use.object, use.facts) && compiled.isMet(use.facts));
  const width = new Map(
    candidates.map((candidate) => [
      candidate,
      candidate.rule.conditions === undefined
        ? Number.POSITIVE_INFINITY
        : all.filter((use) => use.object !== null && reach(candidate, use)).length,
    ]),
  );
  const ordered = [...candidates].sort((left, right) => {
    const [a, b] = [width.get(left) ?? 0, width.get(right) ?? 0];
    if (a !== b) return a - b;
    return canonical(left.rule.conditions) < canonical(right.rule.conditions) ? -1 : 1;
  });
  const single = ordered.find((candidate) => uses.every((use) => reach(candidate, use)));
  if (single !== undefined) return { of: [single], missed: 0 };
  const of: Candidate[] = [];
  let open = uses;
  while (open.length > 0) {
    const gain = (candidate: Candidate) => open.filter((use) => reach(candidate, use)).length;
    const best = ordered.reduce<Candidate | null>(
      (top, next) => (gain(next) > (top === null ? 0 : gain(top)) ? next : top),
      null,
    );
    if (best === null) break;
    of.push(best);
    open = open.filter((use) => !reach(best, use));
  }
  return { of, missed: open.filter((use) => use.isWish !== true).length };
}

/** Rules of the same condition become one where they name the same fields. */
function join(picked: readonly { action: string; field: string; rule: Rule }[]): readonly Rule[] {
  const groups = groupBy(picked, ({ rule: { subject, conditions, requires } }) =>
    canonical([subject, conditions ?? null, requires ?? null]),
  );
  const rules = [...groups.values()].flatMap((group) => {
    const byFields = groupBy([...groupBy(group, ({ action }) => action).entries()], ([, same]) =>
      [...new Set(same.map(({ field }) => field))].sort().join(' '),
    );
    return [...byFields].flatMap(([fields, actions]): Omit<Rule, 'id'>[] => {
      const rule = actions[0]?.[1][0]?.rule;
      if (rule === undefined) return [];
      const { subject, conditions, requires } = rule;
      return [
        {
          effect: 'allow',
          actions: actions.map(([action]) => action).sort(),
          subject,
          fields: fields.split(' '),
          ...(conditions && { conditions }),
          ...(requires && { requires }),
        },
      ];
    });
  });
  return rules
    .sort((left, right) => (canonical(left) < canonical(right) ? -1 : 1))
    .map((rule, index) => ({ id: `used${index + 1}`, ...rule }));
}

/** Denies that bear on what is allowed, as far as they do. */
function keptDenies(held: readonly Rule[], allows: readonly Rule[]): readonly Rule[] {
  const denies = held.filter((rule) => rule.effect === 'deny');
  const bearing = denies.filter((deny) =>
    allows.some(
      (allow) =>
        allow.subject === deny.subject &&
        allow.actions.some((action) => deny.actions.includes(action)) &&
        (deny.fields.includes(WHOLE) || allow.fields.some((field) => deny.fields.includes(field))),
    ),
  );
  return bearing.map((rule, index) => ({ ...rule, id: `kept${index + 1}` }));
}

function unusedOf(
  catalog: Catalog,
  role: string,
  rules: readonly Rule[],
  used: ReadonlySet<string>,
): readonly UnusedRight[] {
  return rules.flatMap((rule) => {
    if (rule.effect === 'deny') return [];
    const { id: ruleId, subject } = rule;
    return rule.actions.flatMap((action): UnusedRight[] => {
      const fields = namedFields(catalog, rule, action).filter(
        (field) => !used.has(`${action} ${subject} ${field}`),
      );
      return fields.length === 0 ? [] : [{ role, ruleId, action, subject, fields }];
    });
  });
}

/** A list is asked for as such, an act as a whole: what else their rules name is no right of its own. */
function namedFields(catalog: Catalog, { fields, subject }: Rule, action: string): readonly string[] {
  if (action === 'list') return fields.some((field) => field === 'id' || field === WHOLE) ? ['id'] : [];
  if (!fields.includes(WHOLE) || !['read', 'create', 'update'].includes(action)) return fields;
  return [...(catalog.subjects.get(subject)?.fields.keys() ?? [])];
}

function groupBy<T>(items: readonly T[], keyOfItem: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOfItem(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
