import { compareValues } from '../bson/compare.js';
import { TypeOrder, typeOrder, type Value } from '../bson/value.js';
import type { Predicate, QueryNode, RangeOperator } from '../query/ast.js';
import { matches } from '../query/match.js';
import type { Conjunct } from './conjuncts.js';

/** Whether everything that satisfies the conjunct also satisfies a partial index's filter. Unsure is no. */
export function implies(conjunct: Conjunct, filter: QueryNode): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.nodes.every((node) => implies(conjunct, node));
    case 'or':
      return filter.nodes.some((node) => implies(conjunct, node));
    case 'leaf':
      return conjunct.some(({ path, test }) => path === filter.path && impliesTest(test, filter.test));
    default:
      return false;
  }
}

/** Whether the conjunct demands that a field is there. */
export function requiresField(conjunct: Conjunct, path: string): boolean {
  return conjunct.some((entry) => entry.path === path && requiresPresence(entry.test));
}

function requiresPresence(test: Predicate): boolean {
  switch (test.op) {
    case '$eq':
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte':
      return typeOrder(test.value) !== TypeOrder.null && !endMarker(test.value);
    case '$in':
      return test.values.every((value) => typeOrder(value) !== TypeOrder.null);
    default:
      return true;
  }
}

const endMarker = (value: Value) =>
  [TypeOrder.minKey, TypeOrder.maxKey].some((end) => end === typeOrder(value));

function impliesTest(given: Predicate, wanted: Predicate): boolean {
  if (wanted.op === '$exists') return requiresPresence(given);
  if (given.op === '$eq') return valueImplies(given.value, wanted);
  if (given.op === '$in') {
    return given.patterns.length === 0 && given.values.every((value) => valueImplies(value, wanted));
  }
  if (wanted.op === '$type') return typeImplied(given, wanted.codes);
  if (isRange(given) && isRange(wanted)) return rangeImplies(given, wanted);
  return false;
}

const NUMBER_CODES = [1, 16, 18, 19];

function valueImplies(value: Value, wanted: Predicate): boolean {
  if (Array.isArray(value)) return false;
  // A number equals numbers of every type, and a string equals a symbol of the same text.
  if (wanted.op === '$type') return bracketImplied(value, wanted.codes);
  return matches({ kind: 'leaf', path: '', parts: [], test: wanted }, value);
}

function bracketImplied(value: Value, codes: ReadonlySet<number>): boolean {
  if (typeOrder(value) === TypeOrder.number) return NUMBER_CODES.every((code) => codes.has(code));
  if (typeOrder(value) === TypeOrder.null) return false;
  return matches({ kind: 'leaf', path: '', parts: [], test: { op: '$type', codes } }, value);
}

function typeImplied(given: Predicate, codes: ReadonlySet<number>): boolean {
  if (isRange(given)) return !endMarker(given.value) && bracketImplied(given.value, codes);
  return given.op === '$type' && [...given.codes].every((code) => codes.has(code));
}

type Range = Extract<Predicate, { op: RangeOperator }>;

function isRange(test: Predicate): test is Range {
  return test.op === '$lt' || test.op === '$lte' || test.op === '$gt' || test.op === '$gte';
}

function rangeImplies(given: Range, wanted: Range): boolean {
  if (typeOrder(given.value) !== typeOrder(wanted.value)) return false;
  if (given.op.slice(0, 3) !== wanted.op.slice(0, 3)) return false;
  const difference = compareValues(given.value, wanted.value) * (wanted.op.startsWith('$g') ? 1 : -1);
  return difference > 0 || (difference === 0 && (given.op === wanted.op || wanted.op.endsWith('e')));
}
