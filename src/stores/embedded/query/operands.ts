import { BSONRegExp } from 'bson';
import { readNumber } from '../bson/number.js';
import { type Doc, isDocument, plain, TYPE_CODES, TypeOrder, typeOrder, type Value } from '../bson/value.js';
import { badValue, CommandError, failedToParse } from '../errors.js';
import type { Predicate, RangeOperator } from './ast.js';
import { compileRegex } from './regex.js';

/** A document whose first key starts with `$` holds operators; DBRefs are values. */
export function holdsOperators(value: Value): value is Doc {
  if (!isDocument(value)) return false;
  const first = Object.keys(value)[0];
  return first?.startsWith('$') === true && first !== '$ref' && first !== '$id' && first !== '$db';
}

/** What a value is compared to. @throws CommandError BadValue */
export function checkedOperand(value: Value): Value {
  if (value === undefined) throw badValue('cannot compare to undefined');
  return value;
}

/** @throws CommandError BadValue */
export function rangePredicate(op: RangeOperator, value: Value): Predicate {
  if (value instanceof BSONRegExp) throw badValue(`Can't have RegEx as arg to predicate over field.`);
  return { op, value: checkedOperand(value) };
}

/** Of `$in` and `$nin`. @throws CommandError BadValue */
export function inPredicate(operator: string, operand: Value): Predicate {
  if (!Array.isArray(operand)) throw badValue(`${operator} needs an array`);
  if (operand.some(holdsOperators)) throw badValue(`cannot nest $ under ${operator}`);
  const values = operand.filter((value) => !(value instanceof BSONRegExp));
  const patterns = operand.filter((value) => value instanceof BSONRegExp);
  return { op: '$in', values, patterns: patterns.map((value) => compileRegex(value.pattern, value.options)) };
}

/** What the server takes for true: the operand of `$exists`, the value of an expression. */
export function isTruthy(value: Value): boolean {
  if (typeOrder(value) === TypeOrder.number) return readNumber(value) !== 0;
  return value !== false && value !== null && value !== undefined;
}

/** The codes that `$type` asks for. @throws CommandError BadValue, FailedToParse, TypeMismatch */
export function parseTypes(operand: Value): ReadonlySet<number> {
  const codes = new Set<number>();
  const list = Array.isArray(operand) ? operand : [operand];
  if (list.length === 0) throw failedToParse('$type must match at least one type');
  for (const entry of list) {
    if (entry === 'number') for (const code of [1, 16, 18, 19]) codes.add(code);
    else codes.add(typeEntry(entry));
  }
  return codes;
}

function typeEntry(entry: Value): number {
  if (typeof entry === 'string') {
    const code = TYPE_CODES[entry];
    if (code === undefined) throw badValue(`Unknown type name alias: ${entry}`);
    return code;
  }
  const code = plain(entry);
  if (typeof code !== 'number')
    throw new CommandError(14, 'type must be represented as a number or a string');
  if (!Object.values(TYPE_CODES).includes(code)) throw badValue(`Invalid numerical type code: ${code}`);
  return code;
}

/** @throws CommandError as `compileRegex` */
export function regexPredicate(pattern: string, options: string): Predicate {
  return { op: '$regex', regex: compileRegex(pattern, options), pattern, options };
}

/** `$regex` with the `$options` beside it. @throws CommandError BadValue, 51074 for options in both */
export function parseRegex(operand: Value, options: Value): Predicate {
  if (options !== undefined && typeof options !== 'string') throw badValue('$options has to be a string');
  if (operand instanceof BSONRegExp) {
    if (options !== undefined && operand.options !== '') {
      throw new CommandError(51074, 'options set in both $regex and $options');
    }
    return regexPredicate(operand.pattern, options ?? operand.options);
  }
  if (typeof operand !== 'string') throw badValue('$regex has to be a string');
  return regexPredicate(operand, options ?? '');
}

function wholeNumber(value: Value, what: string): number {
  const number = plain(value);
  if (typeof number !== 'number') throw badValue(`malformed mod, ${what} not a number`);
  if (!Number.isFinite(number)) throw badValue(`malformed mod, ${what} value is invalid`);
  return Math.trunc(number);
}

/** @throws CommandError BadValue */
export function parseMod(operand: Value): Predicate {
  if (!Array.isArray(operand)) throw badValue('malformed mod, needs to be an array');
  if (operand.length < 2) throw badValue('malformed mod, not enough elements');
  if (operand.length > 2) throw badValue('malformed mod, too many elements');
  const divisor = wholeNumber(operand[0], 'divisor');
  if (divisor === 0) throw badValue('divisor cannot be 0');
  return { op: '$mod', divisor: BigInt(divisor), remainder: BigInt(wholeNumber(operand[1], 'remainder')) };
}

/** @throws CommandError FailedToParse */
export function parseSize(operand: Value): number {
  const size = plain(operand);
  if (typeof size !== 'number' || !Number.isInteger(size))
    throw failedToParse(`Failed to parse $size. Expected an integer.`);
  if (size < 0) throw failedToParse('Failed to parse $size. Expected a non-negative number.');
  return size;
}
