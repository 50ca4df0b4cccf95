import { createRequire } from 'node:module';
import { Decimal128, Double, Int32, Long } from 'bson';
import { evalExpr } from 'mingo/core';
import { compareValues, equalValues } from '../bson/compare.js';
import {
  type Doc,
  fieldsOf,
  getOwn,
  isDocument,
  MISSING,
  setOwn,
  TYPE_CODES,
  TypeOrder,
  typeCode,
  typeOrder,
  type Value,
} from '../bson/value.js';
import { CommandError, notSupported } from '../errors.js';
import { isTruthy } from '../query/operands.js';
import { checked, type ExpressionOperator, type MingoOptions } from './checked.js';

/** Evaluated by mingo; these names and no others are known. Left out: scripts, and what mingo answers differently. */
const FROM_MINGO = [
  '$abs',
  '$add',
  '$ceil',
  '$divide',
  '$exp',
  '$floor',
  '$ln',
  '$log',
  '$log10',
  '$mod',
  '$multiply',
  '$pow',
  '$sqrt',
  '$subtract',
  '$trunc',
  '$arrayElemAt',
  '$arrayToObject',
  '$concatArrays',
  '$filter',
  '$first',
  '$last',
  '$in',
  '$indexOfArray',
  '$isArray',
  '$map',
  '$range',
  '$reduce',
  '$reverseArray',
  '$size',
  '$slice',
  '$zip',
  '$and',
  '$or',
  '$cond',
  '$ifNull',
  '$switch',
  '$dateAdd',
  '$dateDiff',
  '$dateFromString',
  '$dateSubtract',
  '$dateToParts',
  '$dateToString',
  '$dateTrunc',
  '$dayOfMonth',
  '$dayOfWeek',
  '$dayOfYear',
  '$hour',
  '$millisecond',
  '$minute',
  '$month',
  '$second',
  '$year',
  '$isoWeek',
  '$isoWeekYear',
  '$isoDayOfWeek',
  '$mergeObjects',
  '$objectToArray',
  '$setField',
  '$unsetField',
  '$getField',
  '$let',
  '$literal',
  '$concat',
  '$ltrim',
  '$regexFind',
  '$regexFindAll',
  '$regexMatch',
  '$replaceAll',
  '$replaceOne',
  '$rtrim',
  '$split',
  '$strLenBytes',
  '$strLenCP',
  '$substr',
  '$substrBytes',
  '$substrCP',
  '$trim',
  '$indexOfBytes',
  '$setDifference',
  '$setEquals',
  '$setIntersection',
  '$setIsSubset',
  '$setUnion',
  '$allElementsTrue',
  '$anyElementTrue',
  '$toBool',
  '$toDouble',
  '$toInt',
  '$toLong',
  '$toString',
  '$rand',
] as const;

/** Reads a field of the document by its path, given as a list; refused where somebody types it. */
export const FIELD = '$__field';

function comparison(holds: (difference: number) => boolean | number): ExpressionOperator {
  return (document, operands, options) => {
    if (!Array.isArray(operands) || operands.length !== 2)
      throw new CommandError(16020, 'a comparison takes exactly 2 arguments');
    const [left, right] = operands.map((operand) => evalExpr(document, operand, options));
    return holds(orderOf(left, right));
  };
}

/** The value of an operand that may stand in a list of one. */
function onlyOperand(document: unknown, operand: unknown, options: MingoOptions): Value {
  return evalExpr(
    document,
    Array.isArray(operand) && operand.length === 1 ? (operand[0] as unknown) : operand,
    options,
  );
}

/** The server changes the case of ASCII letters only, and takes null for an empty text. */
function asciiCase(change: (text: string) => string): ExpressionOperator {
  return (document, operand, options) => {
    const value = onlyOperand(document, operand, options);
    if (value === null || value === undefined) return '';
    if (typeof value !== 'string') throw notSupported('changing the case of a value that is no string');
    return change(value);
  };
}

// Unlike in a sort, a missing value is below null here.
function orderOf(left: Value, right: Value): number {
  const missing = Number(right === undefined) - Number(left === undefined);
  return missing !== 0 ? (missing > 0 ? 1 : -1) : left === undefined ? 0 : compareValues(left, right);
}

const OWN: Record<string, ExpressionOperator> = {
  $eq: comparison((difference) => difference === 0),
  $ne: comparison((difference) => difference !== 0),
  $lt: comparison((difference) => difference < 0),
  $lte: comparison((difference) => difference <= 0),
  $gt: comparison((difference) => difference > 0),
  $gte: comparison((difference) => difference >= 0),
  $cmp: comparison((difference) => Math.sign(difference)),
  $in: (document, operands, options) => {
    const [item, list] = evalExpr(document, operands, options) as [Value, Value];
    if (!Array.isArray(list)) throw new CommandError(40081, '$in requires an array as a second argument');
    return list.some((element) => equalValues(element, item));
  },
  // An empty text is true.
  $not: (document, operand, options) => !isTruthy(onlyOperand(document, operand, options)),
  $isNumber: (document, operand, options) =>
    typeOrder(onlyOperand(document, operand, options)) === TypeOrder.number,
  $type: (document, operand, options) => {
    // The wire type is known only before a number is unwrapped for mingo.
    const value =
      isDocument(operand) && FIELD in operand
        ? rootFieldOf(operand[FIELD], options)
        : evalExpr(document, operand, options);
    return value === undefined || value === MISSING ? 'missing' : typeName(value);
  },
  $toUpper: asciiCase((text) => text.replace(/[a-z]/g, (letter) => letter.toUpperCase())),
  $toLower: asciiCase((text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())),
  [FIELD]: (_document, path, options) => {
    const value = rootFieldOf(path, options);
    return value === MISSING ? undefined : promote(value);
  },
};

/** The names of all operators that are known. */
export const OPERATOR_NAMES: ReadonlySet<string> = new Set([...FROM_MINGO, ...Object.keys(OWN)]);

/** Every operator that is known. To be asked with the first expression: mingo's are 180 files, which most engines never need. */
export function loadOperators(): Record<string, ExpressionOperator> {
  const theirs = createRequire(import.meta.url)('mingo/operators/expression') as typeof OWN;
  const taken = Object.fromEntries(
    FROM_MINGO.map((name) => [name, checked(name, theirs[name] as ExpressionOperator)]),
  ) as typeof OWN;
  return { ...taken, ...OWN };
}

function rootFieldOf(path: unknown, options: MingoOptions): Value {
  const { root } = (options as unknown as { local: { root: Value } }).local;
  return fieldAt(root, path as string[], 0);
}

function typeName(value: Value): string {
  const code = typeCode(value);
  return Object.entries(TYPE_CODES).find(([, candidate]) => candidate === code)?.[0] ?? 'object';
}

/** `$a.b` as aggregation reads it: through the documents of arrays, never by position. */
export function fieldAt(value: Value, path: readonly string[], at = 0): Value {
  if (at === path.length) return value;
  if (Array.isArray(value)) {
    return value
      .map((element) => (isDocument(element) ? fieldAt(element, path, at) : MISSING))
      .filter((element) => element !== MISSING);
  }
  return isDocument(value) ? fieldAt(getOwn(fieldsOf(value), path[at] as string), path, at + 1) : MISSING;
}

/** Numbers as mingo computes with them. Decimals, and longs beyond 2^53, stay as they are and compare rightly. */
export function promote(value: Value): Value {
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (value instanceof Long) {
    const near = value.toNumber();
    return Number.isSafeInteger(near) ? near : value;
  }
  if (value instanceof Decimal128) return value;
  if (Array.isArray(value)) return value.map(promote);
  if (!isDocument(value)) return value;
  const result: Doc = {};
  for (const [key, entry] of Object.entries(fieldsOf(value))) setOwn(result, key, promote(entry));
  return result;
}
