import type { ScalarKind } from './catalog.js';
import type { Condition, Literal, Operand } from './condition.js';
import { bindList, bindValue, type Facts } from './placeholder.js';

/** Whether a stored document fulfils a condition. Allocates nothing for a path of one level. */
export type Matcher = (object: object, facts: Facts) => boolean;
type Test = (value: unknown) => boolean;

/**
 * The condition as a function, with MongoDB's meaning: an array matches when one of its elements does, null equals
 * a missing field, values of different types are neither equal nor ordered.
 * `whenUnbound` is what a comparison counts as whose placeholder has no value; a negation turns it round, so that
 * false makes the whole never match for want of a value, and true makes it match.
 */
export function compileMatcher(condition: Condition, whenUnbound: boolean): Matcher {
  switch (condition.kind) {
    case 'and': {
      const parts = condition.of.map((part) => compileMatcher(part, whenUnbound));
      return (object, facts) => parts.every((part) => part(object, facts));
    }
    case 'or': {
      const parts = condition.of.map((part) => compileMatcher(part, whenUnbound));
      return (object, facts) => parts.some((part) => part(object, facts));
    }
    case 'not': {
      const part = compileMatcher(condition.of, !whenUnbound);
      return (object, facts) => !part(object, facts);
    }
    case 'exists':
      return someAt(condition.path, (value) => value !== undefined);
    case 'compare':
      return compileComparison(condition, whenUnbound);
    default:
      return compileMembership(condition, whenUnbound);
  }
}

function compileComparison(
  { path, type, operator, operand }: Extract<Condition, { kind: 'compare' }>,
  whenUnbound: boolean,
): Matcher {
  if ('literal' in operand) return someAt(path, comparison(type, operator, operand.literal));
  const { placeholder } = operand;
  const find = finder(path);
  const isKey = operator === '$eq' && type !== 'date' && !path.includes('.');
  return (object, facts) => {
    const bound = bindValue(placeholder, type, facts);
    if (bound === undefined) return whenUnbound;
    // The commonest rule of all ("own account"), without a closure.
    if (isKey) {
      const value = (object as Record<string, unknown>)[path];
      return Array.isArray(value) ? value.includes(bound) : value === bound;
    }
    return find(object, comparison(type, operator, bound as Literal));
  };
}

function compileMembership(
  { path, type, operands }: Extract<Condition, { kind: 'in' }>,
  whenUnbound: boolean,
): Matcher {
  const find = finder(path);
  if ('name' in operands) {
    return (object, facts) => {
      const bound = bindList(operands, facts);
      return bound === undefined ? whenUnbound : find(object, (value) => bound.includes(value as string));
    };
  }
  // One value without a binding leaves the answer open only if no other value decides it.
  const parts = operands.map((operand) => equals(path, type, operand, whenUnbound));
  return (object, facts) => parts.some((part) => part(object, facts));
}

function equals(path: string, type: ScalarKind, operand: Operand, whenUnbound: boolean): Matcher {
  return compileComparison({ kind: 'compare', path, type, operator: '$eq', operand }, whenUnbound);
}

function comparison(type: ScalarKind, operator: string, literal: Literal): Test {
  if (literal === null) return (value) => value === null || value === undefined;
  if (type !== 'date')
    return order(operator, (value) => (typeof value === type ? value : undefined), literal);
  const time = (literal as Date).getTime();
  return order(operator, (value) => (value instanceof Date ? value.getTime() : undefined), time);
}

function order(operator: string, read: (value: unknown) => unknown, bound: unknown): Test {
  const right = bound as number;
  const compare = (holds: (left: number) => boolean): Test => {
    return (value) => {
      const left = read(value);
      return left !== undefined && holds(left as number);
    };
  };
  if (operator === '$gt') return compare((left) => left > right);
  if (operator === '$gte') return compare((left) => left >= right);
  if (operator === '$lt') return compare((left) => left < right);
  if (operator === '$lte') return compare((left) => left <= right);
  return compare((left) => left === right);
}

function someAt(path: string, test: Test): Matcher {
  const find = finder(path);
  return (object) => find(object, test);
}

function finder(path: string): (object: object, test: Test) => boolean {
  if (!path.includes('.')) return (object, test) => holds((object as Record<string, unknown>)[path], test);
  const levels = path.split('.');
  return (object, test) => descend(object, levels, 0, test);
}

function holds(value: unknown, test: Test): boolean {
  return Array.isArray(value) ? value.some(test) || test(value) : test(value);
}

/** MongoDB walks into the documents of an array, not into arrays directly inside an array. */
function descend(node: unknown, levels: readonly string[], depth: number, test: Test): boolean {
  const level = levels[depth];
  if (level === undefined) return holds(node, test);
  if (Array.isArray(node)) {
    return node.some((item) => isDocument(item) && descend(item, levels, depth, test));
  }
  if (!isDocument(node)) return test(undefined);
  return descend(node[level], levels, depth + 1, test);
}

function isDocument(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
