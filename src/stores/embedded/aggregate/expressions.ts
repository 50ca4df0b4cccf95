import { Decimal128, Double, Int32, Long } from 'bson';
import { Context, evalExpr, ProcessingMode } from 'mingo/core';
import * as mingoOperators from 'mingo/operators/expression';
import { compareValues, equalValues } from '../bson/compare.js';
import { readNumber } from '../bson/number.js';
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
import { badValue, CommandError, notSupported } from '../errors.js';
import type { ExpressionCompiler } from '../query/parse.js';

/** Computes a value from a document; MISSING when there is none. */
export type Evaluator = (document: Doc) => Value;

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
  '$not',
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
  '$indexOfCP',
  '$setDifference',
  '$setEquals',
  '$setIntersection',
  '$setIsSubset',
  '$setUnion',
  '$allElementsTrue',
  '$anyElementTrue',
  '$isNumber',
  '$toBool',
  '$toDouble',
  '$toInt',
  '$toLong',
  '$toString',
  '$rand',
] as const;

const FIELD = '$__field';

/** mingo's signature for an operator. */
type ExpressionOperator = (document: unknown, operands: unknown, options: MingoOptions) => unknown;
type MingoOptions = Parameters<typeof evalExpr>[2];

function comparison(holds: (difference: number) => boolean | number): ExpressionOperator {
  return (document, operands, options) => {
    if (!Array.isArray(operands) || operands.length !== 2)
      throw new CommandError(16020, 'a comparison takes exactly 2 arguments');
    const [left, right] = operands.map((operand) => evalExpr(document, operand, options));
    return holds(orderOf(left, right));
  };
}

/** The server changes the case of ASCII letters only, and takes null for an empty text. */
function asciiCase(change: (text: string) => string): ExpressionOperator {
  return (document, operand, options) => {
    const value = evalExpr(
      document,
      Array.isArray(operand) && operand.length === 1 ? operand[0] : operand,
      options,
    );
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

const OPERATORS: Record<string, ExpressionOperator> = {
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
for (const name of FROM_MINGO) {
  const operator = (mingoOperators as unknown as Record<string, ExpressionOperator | undefined>)[name];
  if (operator) OPERATORS[name] ??= operator;
}

function rootFieldOf(path: unknown, options: MingoOptions): Value {
  const { root } = (options as unknown as { local: { root: Value } }).local;
  return fieldAt(root, path as string[], 0);
}

function typeName(value: Value): string {
  const code = typeCode(value);
  return Object.entries(TYPE_CODES).find(([, candidate]) => candidate === code)?.[0] ?? 'object';
}

const OPTIONS = {
  context: Context.init({ expression: OPERATORS }),
  idKey: '_id',
  processingMode: ProcessingMode.CLONE_OFF,
  useStrictMode: true,
  failOnError: true,
  scriptEnabled: false,
};

/** `$a.b` as aggregation reads it: through the documents of arrays, never by position. */
function fieldAt(value: Value, path: readonly string[], at: number): Value {
  if (at === path.length) return value;
  if (Array.isArray(value)) {
    return value
      .map((element) =>
        isDocument(element) || Array.isArray(element) ? fieldAt(element, path, at) : MISSING,
      )
      .filter((element) => element !== MISSING);
  }
  return isDocument(value) ? fieldAt(getOwn(fieldsOf(value), path[at] as string), path, at + 1) : MISSING;
}

/** Compiles an expression; operators outside of the allow-list are refused by name. @throws CommandError 168 */
export function compileEvaluator(expression: Value, variables: Doc = {}): Evaluator {
  if (isFieldPath(expression)) {
    const path = pathOf(expression);
    return (document) => fieldAt(document, path, 0);
  }
  const prepared = prepare(expression);
  const globals = promote(variables) as Doc;
  return (document) => {
    try {
      const value = evalExpr(document, prepared, { ...OPTIONS, variables: globals });
      return value === undefined ? MISSING : value;
    } catch (error) {
      if (error instanceof CommandError) throw error;
      throw badValue((error as Error).message);
    }
  };
}

/** Compiles `$expr` with the variables of a command's `let`. */
export function variablesCompiler(variables: Doc): ExpressionCompiler {
  return (expression) => {
    const evaluate = compileEvaluator(expression, variables);
    return (document) => isTrue(evaluate(document));
  };
}

export function isTrue(value: Value): boolean {
  if (typeOrder(value) === TypeOrder.number) return readNumber(value) !== 0;
  return value !== false && value !== null && value !== undefined && value !== MISSING;
}

const isFieldPath = (expression: Value): expression is string =>
  typeof expression === 'string' && expression.startsWith('$') && !expression.startsWith('$$');

function pathOf(expression: string): string[] {
  const path = expression.slice(1).split('.');
  if (path.includes('')) throw new CommandError(40353, `FieldPath '${expression}' must not have empty parts`);
  return path;
}

function prepare(expression: Value): Value {
  if (isFieldPath(expression)) return { [FIELD]: pathOf(expression) };
  if (typeof expression === 'string' && /^\$\$(ROOT|CURRENT)(\.|$)/.test(expression)) {
    return { [FIELD]: expression.split('.').slice(1) };
  }
  if (Array.isArray(expression)) return expression.map(prepare);
  if (!isDocument(expression)) return promote(expression);
  const keys = Object.keys(expression);
  const [first] = keys;
  if (!first?.startsWith('$')) return Object.fromEntries(keys.map((key) => [key, prepare(expression[key])]));
  if (keys.length > 1)
    throw new CommandError(15983, 'An object representing an expression must have exactly one field');
  if (!Object.hasOwn(OPERATORS, first) || first === FIELD) throw unknownExpression(first);
  if (first === '$literal') return { $literal: promote(expression.$literal) };
  return { [first]: prepare(expression[first]) };
}

function unknownExpression(name: string): CommandError {
  if (['$function', '$accumulator', '$where', '$meta'].includes(name))
    return notSupported(`the expression ${name}`);
  return new CommandError(168, `Unrecognized expression '${name}'`);
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
