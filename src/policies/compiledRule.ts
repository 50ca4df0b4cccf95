import type { Catalog } from './catalog.js';
import type { Condition } from './condition.js';
import { parseConditions } from './conditions.js';
import type { Decision, Leg } from './decision.js';
import { type Filter, filterOfCondition } from './filterCondition.js';
import { compileMatcher, type Matcher } from './matchCondition.js';
import type { Facts } from './placeholder.js';
import { describeRequirement, isMet } from './requirement.js';
import type { Conditions, Rule } from './rule.js';

interface Readable {
  readonly condition: Condition;
  readonly matches: Matcher;
}

/**
 * One rule, ready to judge. Its conditions are read when it is first asked: a role may hold many rules that a request
 * never comes near. Conditions that cannot be read (a field of another release) make an allow never match and a deny
 * always.
 */
export class CompiledRule {
  readonly rule: Rule;
  /** `moderator/readUsers`: unique in a policy. */
  readonly id: string;
  readonly #catalog: Catalog;
  readonly #leg: Leg;
  readonly #policyVersion: number;
  #readable: Readable | null | undefined;
  #allowed: Decision | undefined;
  #refused: Decision | undefined;

  /** `holder` is the role or scope that the rule stands in. */
  constructor(catalog: Catalog, leg: Leg, policyVersion: number, holder: string, rule: Rule) {
    this.rule = rule;
    this.id = `${holder}/${rule.id}`;
    this.#catalog = catalog;
    this.#leg = leg;
    this.#policyVersion = policyVersion;
  }

  get isAllow(): boolean {
    return this.rule.effect === 'allow';
  }

  /** Whether it is the same rule of the policy: the same role's or the same scope's, in whichever leg. */
  isSameAs(other: CompiledRule): boolean {
    return this.id === other.id && this.#isOfRole === other.#isOfRole;
  }

  get #isOfRole(): boolean {
    return this.#leg === 'user' || this.#leg === 'actor';
  }

  /** An allow that asks nothing, or a deny that nothing lifts. */
  get isAbsolute(): boolean {
    return this.rule.conditions === undefined && this.rule.requires === undefined;
  }

  /** Whether it speaks of the object; `object` null: a conditional allow does not, a conditional deny does. */
  speaksOf(object: object | null, facts: Facts): boolean {
    if (this.rule.conditions === undefined) return true;
    if (object === null) return !this.isAllow;
    const readable = this.#read();
    return readable === null ? !this.isAllow : readable.matches(object, facts);
  }

  /**
   * The part of its conditions that does not hold of the object, null where it speaks of it: those of the entries,
   * all of which must hold, that fail. Entries of `$and` are taken one by one; anything else stays whole.
   */
  failingConditions(object: object | null, facts: Facts): Conditions | null {
    const { conditions } = this.rule;
    if (conditions === undefined || this.speaksOf(object, facts)) return null;
    if (object === null || this.#read() === null) return conditions;
    const failing = entriesOf(conditions).filter((entry) => {
      const part = new CompiledRule(this.#catalog, this.#leg, 0, '', {
        ...this.rule,
        conditions: entry,
      });
      return !part.speaksOf(object, facts);
    });
    return failing.length === 1 && failing[0] !== undefined ? failing[0] : { $and: failing };
  }

  /** Whether what it requires of the session holds. */
  isMet(facts: Facts): boolean {
    return this.rule.requires === undefined || isMet(this.rule.requires, facts);
  }

  /** The documents that an allow lets through, or that a deny refuses, in this request. */
  filter(facts: Facts): Filter {
    // An allow counts while its requirement is met, a deny while it is not.
    if (this.rule.requires !== undefined && isMet(this.rule.requires, facts) !== this.isAllow) return false;
    if (this.rule.conditions === undefined) return true;
    const readable = this.#read();
    return readable === null ? !this.isAllow : filterOfCondition(readable.condition, facts, !this.isAllow);
  }

  /** The decision that this allow makes. */
  get allowed(): Decision {
    this.#allowed ??= { ...this.#decision(), leg: 'user', allowed: true, code: 'ALLOWED', remedy: null };
    return this.#allowed;
  }

  /** The decision that this deny makes. */
  get refused(): Decision {
    const remedy = this.rule.reason ?? null;
    this.#refused ??= { ...this.#decision(), allowed: false, code: 'FORBIDDEN', remedy };
    return this.#refused;
  }

  /** The decision where only what this rule requires is missing. */
  get stepUp(): Decision {
    const requirement = this.rule.requires ?? {};
    const remedy = describeRequirement(requirement);
    return { ...this.#decision(), allowed: false, code: 'STEP_UP_REQUIRED', remedy, requirement };
  }

  #decision(): Omit<Decision, 'allowed' | 'code' | 'remedy'> {
    return { leg: this.#leg, ruleId: this.id, policyVersion: this.#policyVersion, requirement: null };
  }

  #read(): Readable | null {
    if (this.#readable === undefined) this.#readable = this.#parse();
    return this.#readable;
  }

  #parse(): Readable | null {
    const subject = this.#catalog.subjects.get(this.rule.subject);
    const condition = subject && parseConditions(subject, this.rule.conditions).condition;
    if (condition === undefined || condition === null) return null;
    return { condition, matches: compileMatcher(condition, !this.isAllow) };
  }
}

/** The parts of a condition that must hold each by itself. */
function entriesOf(conditions: Conditions): readonly Conditions[] {
  return Object.entries(conditions).flatMap(([key, value]) =>
    key === '$and' && Array.isArray(value)
      ? value.flatMap((part) => entriesOf(part as Conditions))
      : [{ [key]: value }],
  );
}
