import { compareValues, equalValues } from '../bson/compare.js';
import { type Doc, isDocument, MISSING, plain, type Value } from '../bson/value.js';
import { badValue, CommandError, failedToParse } from '../errors.js';
import { matches } from '../query/match.js';
import { holdsOperators } from '../query/operands.js';
import { type ExpressionCompiler, parseQuery } from '../query/parse.js';
import { parseSort, sortDocuments } from '../query/sort.js';

const PUSH_MODIFIERS = new Set(['$each', '$slice', '$sort', '$position']);

function arrayIn(current: Value, operator: string): Value[] {
  if (current === MISSING) return [];
  if (!Array.isArray(current)) {
    throw operator === '$pop'
      ? new CommandError(14, 'Path contains an element of non-array type')
      : badValue(`The field must be an array but is of another type, so ${operator} cannot be applied`);
  }
  return [...current];
}

/** `$push` with its modifiers. */
export function push(current: Value, operand: Value): Value[] {
  const array = arrayIn(current, '$push');
  if (!isDocument(operand) || !('$each' in operand)) return [...array, operand];
  for (const modifier of Object.keys(operand)) {
    if (!PUSH_MODIFIERS.has(modifier)) throw badValue(`Unrecognized clause in $push: ${modifier}`);
  }
  if (!Array.isArray(operand.$each)) throw badValue('The argument to $each in $push must be an array');
  array.splice(positionIn(array, operand), 0, ...operand.$each);
  const sorted = operand.$sort === undefined ? array : sortElements(array, operand.$sort);
  return operand.$slice === undefined ? sorted : sliceElements(sorted, wholeNumber(operand.$slice, '$slice'));
}

function positionIn(array: readonly Value[], operand: Doc): number {
  return operand.$position === undefined ? array.length : wholeNumber(operand.$position, '$position');
}

function wholeNumber(value: Value, name: string): number {
  const number = plain(value);
  if (typeof number !== 'number' || !Number.isInteger(number))
    throw badValue(`The value for ${name} must be an integer value`);
  return number;
}

function sliceElements(array: Value[], limit: number): Value[] {
  if (limit === 0) return [];
  return limit < 0 ? array.slice(limit) : array.slice(0, limit);
}

function sortElements(array: Value[], order: Value): Value[] {
  if (isDocument(order)) {
    const fields = parseSort(order);
    return sortDocuments(array, fields, (element) => (isDocument(element) ? element : {}));
  }
  const direction = plain(order);
  if (direction !== 1 && direction !== -1) throw badValue('The $sort element value must be either 1 or -1');
  return [...array].sort((left, right) => compareValues(left, right) * direction);
}

/** `$addToSet`: adds what is not there yet. */
export function addToSet(current: Value, operand: Value): Value[] {
  const array = arrayIn(current, '$addToSet');
  for (const value of elementsToAdd(operand)) {
    if (!array.some((element) => equalValues(element, value))) array.push(value);
  }
  return array;
}

function elementsToAdd(operand: Value): readonly Value[] {
  if (!isDocument(operand) || !('$each' in operand)) return [operand];
  const [unknown] = Object.keys(operand).filter((key) => key !== '$each');
  if (unknown) throw badValue(`Found unexpected fields after $each in $addToSet: ${unknown}`);
  if (!Array.isArray(operand.$each))
    throw new CommandError(14, 'The argument to $each in $addToSet must be an array');
  return operand.$each;
}

/** `$pop`: the last element for 1, the first for -1. */
export function pop(current: Value, operand: Value): Value[] {
  const end = plain(operand);
  if (end !== 1 && end !== -1) throw failedToParse('$pop expects 1 or -1');
  const array = arrayIn(current, '$pop');
  return end === 1 ? array.slice(0, -1) : array.slice(1);
}

/** `$pull`: takes out what equals the operand or matches it as a query. */
export function pull(current: Value, operand: Value, compileExpression: ExpressionCompiler): Value[] {
  const doomed = pullTest(operand, compileExpression);
  return arrayIn(current, '$pull').filter((element) => !doomed(element));
}

function pullTest(operand: Value, compileExpression: ExpressionCompiler): (element: Value) => boolean {
  if (holdsOperators(operand)) {
    const query = parseQuery({ array: { $elemMatch: operand } }, compileExpression);
    return (element) => matches(query, { array: [element] });
  }
  if (isDocument(operand)) {
    const query = parseQuery(operand, compileExpression);
    return (element) => isDocument(element) && matches(query, element);
  }
  const query = parseQuery({ value: operand }, compileExpression);
  return (element) =>
    Array.isArray(element) ? equalValues(element, operand) : matches(query, { value: element });
}

/** `$pullAll`: takes out what equals one of the listed values. */
export function pullAll(current: Value, operand: Value): Value[] {
  if (!Array.isArray(operand)) throw badValue('$pullAll requires an array argument');
  return arrayIn(current, '$pullAll').filter(
    (element) => !operand.some((value) => equalValues(element, value)),
  );
}
