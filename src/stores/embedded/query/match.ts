import { BSONSymbol } from 'bson';
import { compareValues, equalValues } from '../bson/compare.js';
import { readNumber } from '../bson/number.js';
import {
  type Doc,
  fieldsOf,
  getOwn,
  isDocument,
  MISSING,
  TypeOrder,
  typeCode,
  typeOrder,
  type Value,
} from '../bson/value.js';
import type { Predicate, QueryNode } from './ast.js';

/** Where the filter matched inside an array: what the positional `$` stands for. */
export interface MatchDetails {
  arrayIndex?: number;
}

const ARRAY_INDEX = /^(0|[1-9]\d*)$/;

/** Whether a parsed filter holds for a document, with the server's rules for arrays, missing fields and brackets. */
export function matches(node: QueryNode, document: Value, details?: MatchDetails): boolean {
  switch (node.kind) {
    case 'and':
      return node.nodes.every((child) => matches(child, document, details));
    case 'or':
      return node.nodes.some((child) => matches(child, document, details));
    case 'nor':
      return !node.nodes.some((child) => matches(child, document));
    case 'not':
      return !matches(node.node, document);
    case 'expression':
      return node.evaluate(document as Doc);
    default:
      return matchesPath(document, node.parts, 0, node.test, details);
  }
}

function matchesPath(
  value: Value,
  parts: readonly string[],
  at: number,
  test: Predicate,
  details: MatchDetails | undefined,
): boolean {
  if (at === parts.length) return matchesEnd(value, test, details);
  const part = parts[at] as string;
  if (Array.isArray(value)) return matchesInArray(value, parts, at, test, details);
  if (!isDocument(value)) return matchesEnd(MISSING, test, details);
  return matchesPath(getOwn(fieldsOf(value), part), parts, at + 1, test, details);
}

// A path goes through the documents of an array, and by number through its positions; never through nested arrays.
function matchesInArray(
  array: Value[],
  parts: readonly string[],
  at: number,
  test: Predicate,
  details: MatchDetails | undefined,
): boolean {
  const part = parts[at] as string;
  if (ARRAY_INDEX.test(part) && Number(part) < array.length) {
    if (matchesPath(array[Number(part)], parts, at + 1, test, details)) return true;
  }
  for (let i = 0; i < array.length; i++) {
    if (!isDocument(array[i]) || !matchesPath(array[i], parts, at, test, details)) continue;
    if (details) details.arrayIndex = i;
    return true;
  }
  return false;
}

function matchesEnd(value: Value, test: Predicate, details: MatchDetails | undefined): boolean {
  if (!Array.isArray(value) || test.op === '$size' || test.op === '$exists') {
    return test.op === '$elemMatch' ? false : matchesValue(value, test);
  }
  if (test.op === '$elemMatch') return matchesElement(value, test, details);
  for (let i = 0; i < value.length; i++) {
    if (!matchesValue(value[i], test)) continue;
    if (details) details.arrayIndex = i;
    return true;
  }
  return matchesValue(value, test);
}

function matchesElement(
  array: Value[],
  test: Extract<Predicate, { op: '$elemMatch' }>,
  details: MatchDetails | undefined,
): boolean {
  const found = array.findIndex((element) => {
    if (test.ofValues) return matchesSelf(test.element, element);
    // An array is a document here, with its positions as names.
    if (Array.isArray(element)) return matches(test.element, Object.fromEntries(Object.entries(element)));
    return isDocument(element) && matches(test.element, element);
  });
  if (found === -1) return false;
  if (details) details.arrayIndex = found;
  return true;
}

/** Inside `$elemMatch: { $gt: 1 }` an element that is an array is one value. */
function matchesSelf(node: QueryNode, element: Value): boolean {
  if (node.kind === 'and') return node.nodes.every((child) => matchesSelf(child, element));
  if (node.kind === 'not') return !matchesSelf(node.node, element);
  if (node.kind === 'leaf' && node.parts.length === 0) {
    if (node.test.op === '$elemMatch')
      return Array.isArray(element) && matchesElement(element, node.test, undefined);
    return matchesValue(element, node.test);
  }
  return matches(node, element);
}

function matchesValue(value: Value, test: Predicate): boolean {
  switch (test.op) {
    case '$eq':
      return equalsOperand(value, test.value);
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte':
      return matchesRange(value, test.op, test.value);
    case '$in':
      return (
        test.values.some((candidate) => equalsOperand(value, candidate)) ||
        test.patterns.some((pattern) => matchesRegex(value, pattern))
      );
    case '$exists':
      return value !== MISSING;
    case '$type':
      return value !== MISSING && test.codes.has(typeCode(value));
    case '$regex':
      return matchesRegex(value, test.regex) || isSameRegex(value, test.pattern, test.options);
    case '$mod':
      return matchesMod(value, test.divisor, test.remainder);
    case '$size':
      return Array.isArray(value) && value.length === test.size;
    default:
      return false;
  }
}

function equalsOperand(value: Value, operand: Value): boolean {
  return equalValues(value, operand);
}

function matchesRange(value: Value, op: '$lt' | '$lte' | '$gt' | '$gte', operand: Value): boolean {
  const bracket = typeOrder(operand);
  if (typeOrder(value) !== bracket) return isBeyondBrackets(value, op, bracket);
  if (bracket === TypeOrder.number && (isNaNValue(value) || isNaNValue(operand))) {
    return isNaNValue(value) && isNaNValue(operand) && (op === '$lte' || op === '$gte');
  }
  const difference = compareValues(value, operand);
  if (op === '$lt') return difference < 0;
  if (op === '$lte') return difference <= 0;
  if (op === '$gt') return difference > 0;
  return difference >= 0;
}

// Only the two end markers compare with every type.
function isBeyondBrackets(value: Value, op: string, bracket: number): boolean {
  if (value === MISSING) return false;
  if (bracket === TypeOrder.minKey) return op.startsWith('$gt');
  return bracket === TypeOrder.maxKey && op.startsWith('$lt');
}

function isNaNValue(value: Value): boolean {
  return Number.isNaN(readNumber(value));
}

function matchesRegex(value: Value, regex: RegExp): boolean {
  if (value instanceof BSONSymbol) return regex.test(value.value);
  return typeof value === 'string' && regex.test(value);
}

function isSameRegex(value: Value, pattern: string, options: string): boolean {
  const stored = value as { _bsontype?: string; pattern?: string; options?: string } | null;
  return stored?._bsontype === 'BSONRegExp' && stored.pattern === pattern && stored.options === options;
}

function matchesMod(value: Value, divisor: bigint, remainder: bigint): boolean {
  if (typeOrder(value) !== TypeOrder.number) return false;
  const number = readNumber(value);
  if (typeof number !== 'number') return number.exponent === 0 && number.digits % divisor === remainder;
  return Number.isFinite(number) && BigInt(Math.trunc(number)) % divisor === remainder;
}
