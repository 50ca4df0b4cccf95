import { evalExpr } from 'mingo/core';
import { isDocument, TypeOrder, typeOrder, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';

/** mingo's signature for an operator. */
export type ExpressionOperator = (document: unknown, operands: unknown, options: MingoOptions) => unknown;
export type MingoOptions = Parameters<typeof evalExpr>[2];
/** Puts a look at the operands in front of an operator. */
type Check = (operator: ExpressionOperator) => ExpressionOperator;

/** What an operator of mingo takes for something that it is not; says why the server refuses it, or null. */
type Refusal = (value: Value) => string | null;

const UNITS: ReadonlySet<unknown> = new Set([
  'year',
  'quarter',
  'month',
  'week',
  'day',
  'hour',
  'minute',
  'second',
  'millisecond',
]);

const isNothing = (value: Value) => value === null || value === undefined;
const isMoment = (value: Value) =>
  [TypeOrder.date, TypeOrder.timestamp, TypeOrder.objectId].some((order) => order === typeOrder(value));

/** Arithmetic on dates: null where a part is missing, refused where a date is none. mingo reckons with what it finds. */
function onDates(...dates: readonly string[]): Check {
  return (operator) => (document, operands, options) => {
    const parts: Value = evalExpr(document, operands, options);
    if (!isDocument(parts)) throw new CommandError(5166400, 'arithmetic on dates takes an object');
    if (dates.some((name) => !isNothing(parts[name]) && !isMoment(parts[name])))
      throw new CommandError(5166403, `${dates.join(' and ')} must be dates`);
    const needed = [...dates, 'unit', ...('amount' in parts ? ['amount'] : [])];
    if (needed.some((name) => isNothing(parts[name]))) return null;
    if (!UNITS.has(parts.unit)) throw new CommandError(9, `unknown time unit value: ${String(parts.unit)}`);
    if ('amount' in parts && !Number.isInteger(parts.amount))
      throw new CommandError(5166405, 'amount must be a whole number');
    return operator(document, parts, options);
  };
}

/** One operand, or each of a list, that mingo would read as something else. */
function unless(refusal: Refusal): Check {
  return (operator) => (document, operands, options) => {
    const given: Value = evalExpr(document, operands, options);
    for (const value of Array.isArray(given) ? (given as Value[]) : [given]) {
      const fault = refusal(value);
      if (fault !== null) throw new CommandError(241, fault);
    }
    return operator(document, operands, options);
  };
}

const noNumber: Refusal = (value) => (value === '' ? 'an empty text is no number' : null);

const CHECKS: Readonly<Record<string, Check>> = {
  $dateAdd: onDates('startDate'),
  $dateSubtract: onDates('startDate'),
  $dateDiff: onDates('startDate', 'endDate'),
  $mergeObjects: unless((value) =>
    isNothing(value) || isDocument(value) ? null : '$mergeObjects requires object inputs',
  ),
  $toInt: unless((value) => (value instanceof Date ? 'a date is no int' : noNumber(value))),
  $toLong: unless(noNumber),
  $toDouble: unless(noNumber),
};

/** An operator of mingo; where it answers by guess what the server refuses, its operands are looked at first. */
export function checked(name: string, operator: ExpressionOperator): ExpressionOperator {
  return CHECKS[name]?.(operator) ?? operator;
}
